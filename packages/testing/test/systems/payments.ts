// Orders that are placed and paid: a process manager with a timer requests a reminder as an effect, and a timer of the service reports.

import { defineCommand, defineEffect, defineEvent, defineService, fact, type Service, timer } from 'tidings'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from '../promises/setup/engines.ts'
import { createWorld, type World } from '../promises/setup/world.ts'

const Order = z.object({ orderId: z.string() })
export const Placed = defineEvent('test.placed', { owner: 'orders', pattern: 'notification' })
  .version(1, Order)
  .key((order) => order.orderId)
const Paid = defineEvent('test.paid', { owner: 'orders', pattern: 'notification' })
  .version(1, Order)
  .key((order) => order.orderId)
const Place = defineCommand('place', { input: Order })
const Pay = defineCommand('pay', { input: Order })
const Schedule = defineCommand('schedule', { input: z.object({ key: z.string(), minutes: z.number() }) })
const Mail = defineEffect('mail', { input: z.object({ to: z.string(), text: z.string() }), key: (mail) => mail.to })

const ordersOf = defineService('orders', { publishes: [Placed, Paid] })
export const orders = ordersOf.with({
  place: ordersOf.command(Place, { publishes: [Placed] }, (order, { publish }) => publish(Placed, order)),
  pay: ordersOf.command(Pay, { publishes: [Paid] }, (order, { publish }) => publish(Paid, order)),
})

interface Hooks {
  perform?(): void
  report?(): void
  readonly textLength?: number
  readonly breaker?: { readonly failures: number; readonly pauseMs: number }
  readonly withoutProcess?: boolean
}

const tolerant = { failures: 1_000, pauseMs: 1 }

export function paymentsWith({
  perform = () => {},
  report = () => {},
  textLength = 1,
  withoutProcess = false,
  breaker = tolerant,
}: Hooks = {}): Service {
  const definition = defineService('payments', {
    timers: { report: timer() },
    limits: { retryDelayMs: 1, payloadBytesMax: 1_000_000 },
  })
  const payment = definition
    .process('payment', {
      facts: {
        awaited: fact(z.object({ text: z.string() })),
        reminded: fact(z.object({ count: z.number() })),
        paid: fact(z.object({})),
      },
      initialState: () => ({ reminders: 0 }),
      evolve: {
        awaited: (state) => state,
        reminded: (_state, { count }) => ({ reminders: count }),
        paid: (state) => state,
      },
      timers: { remind: timer() },
      requests: [Mail],
    })
    .starts(
      Placed,
      (order) => order.orderId,
      (_order, { timers, facts }) => {
        timers.remind.after({ minutes: 10 })
        return facts.awaited({ text: 'x'.repeat(textLength) })
      },
    )
    .due('remind', (_due, { key, state, facts, timers, request }) => {
      request(Mail, { to: key, text: 'Please pay.' })
      timers.remind.after({ minutes: 10 })
      return facts.reminded({ count: state.reminders + 1 })
    })
    .on(
      Paid,
      (order) => order.orderId,
      (_order, { end, facts }) => {
        end()
        return facts.paid({})
      },
    )
  const parts = {
    schedule: definition.command(Schedule, ({ key, minutes }, { timers }) => timers.report.after(key, { minutes })),
    report: definition.due('report', {}, report),
    mail: definition.effect(Mail, { perform, attemptsMax: 2, breaker }),
  }
  return withoutProcess ? definition.with(parts) : definition.with({ ...parts, payment })
}

export async function worldWith(kind: EngineKind, hooks: Hooks = {}): Promise<World> {
  const world = await createWorld(kind, [orders, paymentsWith(hooks)])
  onTestFinished(() => world.close())
  return world
}

export const payments = (world: World) => world.system.service('payments')
export const place = (world: World, orderId: string) =>
  world.run(world.system.service('orders').command('place', { orderId }))
export const pay = (world: World, orderId: string) =>
  world.run(world.system.service('orders').command('pay', { orderId }))
export const schedule = (world: World, key: string, minutes: number) =>
  world.run(payments(world).command('schedule', { key, minutes }))
export const minute = 60_000

export async function later(world: World, ms: number): Promise<void> {
  await world.advance(ms)
  await world.settle()
}
