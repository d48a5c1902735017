// The effect that posts an impulse to the webhook, and the event that its outcome publishes. The webhook's address comes from the environment,
// never from an event.
import { defineEffect, TidingsError } from 'tidings'
import { z } from 'zod'
import { Delivery, ImpulseDelivered } from './contract.ts'
import { courier } from './service.ts'

/** The environment variable with the webhook's address. */
export const webhookVariable = 'CHAT_WEBHOOK_URL'

/** Posts an impulse as JSON, under an idempotency key. */
export const PostImpulse = defineEffect('post-impulse', {
  description: 'Posts an impulse to the webhook.',
  input: Delivery.omit({ deliveredAt: true }),
  outcome: z.object({ status: z.int() }),
  key: (impulse) => impulse.to,
})

export const postImpulse = courier.effect(PostImpulse, {
  publishes: [ImpulseDelivered],
  perform: async (impulse, { idempotencyKey, signal }) => {
    const url = process.env[webhookVariable]
    if (url === undefined) throw new Error(`${webhookVariable} is not set, so impulses cannot be posted.`)
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey }
    const { status, ok, body } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(impulse), signal })
    await body?.cancel()
    if (ok) return { status }
    const message = `The webhook answered with status ${status}.`
    // A refusal is final, so it is not retried. Overload, timeouts and server errors may pass.
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      throw new TidingsError('EFFECT_REFUSED', message)
    throw new Error(message)
  },
  outcome: (_, { input, tables, publish, now }) => {
    const delivery = { ...input, deliveredAt: now().toISOString() }
    tables.delivered.put(delivery)
    publish(ImpulseDelivered, delivery)
  },
})
