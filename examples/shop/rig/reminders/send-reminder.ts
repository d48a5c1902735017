// The effect that sends a reminder, and the event that its outcome publishes. The address comes from the environment, never from an event.
import { defineEffect } from 'tidings'
import { z } from 'zod'
import { Id } from '../../services/words.ts'
import { ReminderSent } from './contract.ts'
import { reminders } from './service.ts'

/** The environment variable with the address that reminders are sent to. */
export const sinkVariable = 'SHOP_RIG_SINK'

/** Sends a reminder as JSON, under an idempotency key. */
export const SendReminder = defineEffect('send-reminder', {
  input: z.object({ orderId: Id }),
  key: (reminder) => reminder.orderId,
})

export const sendReminder = reminders.effect(SendReminder, {
  publishes: [ReminderSent],
  timeoutMs: 3_000,
  // The sink loses answers on purpose, so the effect must not give up early.
  attemptsMax: 1_000,
  breaker: { failures: 20, pauseMs: 500 },
  perform: async (reminder, { idempotencyKey, signal }) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
    const url = process.env[sinkVariable] ?? ''
    const { status, ok, body } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(reminder), signal })
    await body?.cancel()
    if (!ok) throw new Error(`The sink answered with status ${status}.`)
    return undefined
  },
  outcome: (_, { input, publish }) => {
    publish(ReminderSent, input)
  },
})
