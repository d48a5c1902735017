// Timers, effects and a process manager: one mail reminds of an order that is not paid in time. It exercises the schedule under the simulator.

import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineService,
  defineTable,
  fact,
  type Service,
  timer,
} from 'tidings'
import { z } from 'zod'
import { defineInvariant, send, type WorkloadStep, type WorkloadTools } from '../../src/index.ts'

const order = z.object({ orderId: z.string(), customer: z.string().optional(), patienceMs: z.int().min(1) })
const ofOrder = z.object({ orderId: z.string() })

export const OrderPlaced = defineEvent('remind.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, order)
  .key(({ orderId }) => orderId)
export const OrderPaid = defineEvent('remind.order-paid', { owner: 'orders', pattern: 'notification' })
  .version(1, ofOrder)
  .key(({ orderId }) => orderId)
export const OrderReminded = defineEvent('remind.order-reminded', { owner: 'payments', pattern: 'notification' })
  .version(1, ofOrder.extend({ paid: z.boolean() }))
  .key(({ orderId }) => orderId)
export const MailSent = defineEvent('remind.mail-sent', { owner: 'payments', pattern: 'notification' })
  .version(1, ofOrder)
  .key(({ orderId }) => orderId)
export const OrderPacked = defineEvent('remind.order-packed', { owner: 'warehouse', pattern: 'notification' })
  .version(1, ofOrder)
  .key(({ orderId }) => orderId)

export const PlaceOrder = defineCommand('place-order', { input: order, key: ({ orderId }) => orderId })
export const PayOrder = defineCommand('pay-order', { input: ofOrder, key: ({ orderId }) => orderId })
const SendMail = defineEffect('send-mail', {
  input: ofOrder,
  outcome: z.object({ sent: z.literal(true) }),
  key: ({ orderId }) => orderId,
})
const PrintLabel = defineEffect('print-label', {
  input: ofOrder,
  outcome: z.object({ label: z.string() }),
  key: ({ orderId }) => orderId,
})

const mails = defineTable('mails')
  .version(1, z.object({ orderId: z.string(), times: z.number() }))
  .key(({ orderId }) => orderId)
const labels = defineTable('labels')
  .version(1, z.object({ orderId: z.string(), label: z.string() }))
  .key(({ orderId }) => orderId)

const ordersOf = defineService('orders', { publishes: [OrderPlaced, OrderPaid] })
const orders = ordersOf.with({
  place: ordersOf.command(PlaceOrder, { publishes: [OrderPlaced] }, (placed, { publish }) => {
    publish(OrderPlaced, placed)
  }),
  pay: ordersOf.command(PayOrder, { publishes: [OrderPaid] }, (paid, { publish }) => {
    publish(OrderPaid, paid)
  }),
})

const paymentsOf = defineService('payments', { publishes: [OrderReminded, MailSent], tables: { mails } })
const payment = paymentsOf
  .process('payment', {
    facts: { awaited: fact(z.object({})), reminded: fact(z.object({})), paid: fact(z.object({})) },
    initialState: () => ({ paid: false }),
    evolve: { awaited: (state) => state, reminded: (state) => state, paid: () => ({ paid: true }) },
    timers: { remind: timer() },
    publishes: [OrderReminded],
    requests: [SendMail],
  })
  .starts(
    OrderPlaced,
    ({ orderId }) => orderId,
    ({ patienceMs }, { facts, timers }) => {
      timers.remind.after({ milliseconds: patienceMs })
      return facts.awaited({})
    },
  )
  .due('remind', (_due, { key, state, facts, publish, request }) => {
    publish(OrderReminded, { orderId: key, paid: state.paid })
    request(SendMail, { orderId: key })
    return facts.reminded({})
  })
  .on(
    OrderPaid,
    ({ orderId }) => orderId,
    (_paid, { facts, timers }) => {
      timers.remind.cancel()
      return facts.paid({})
    },
  )
// Its instances are customers, and its events have the keys of orders.
const regular = paymentsOf
  .process('regular', {
    facts: { ordered: fact(ofOrder) },
    initialState: () => 0,
    evolve: { ordered: (count) => count + 1 },
  })
  .starts(
    OrderPlaced,
    ({ customer }) => customer,
    ({ orderId }, { facts }) => facts.ordered({ orderId }),
  )
export const payments = paymentsOf.with({
  payment,
  regular,
  sendMail: paymentsOf.effect(SendMail, {
    publishes: [MailSent],
    perform: () => {
      throw new Error('a simulation performs nothing')
    },
    outcome: async (_outcome, { tables, publish, input: { orderId } }) => {
      const before = await tables.mails.get(orderId)
      tables.mails.put({ orderId, times: (before?.times ?? 0) + 1 })
      publish(MailSent, { orderId })
    },
  }),
})

const warehouseOf = defineService('warehouse', {
  publishes: [OrderPacked],
  timers: { pack: timer(z.object({ tries: z.int() })), lock: timer() },
  tables: { labels },
})
/** Packs orders a while later, and locks up every ten minutes: timers of a service, and the effects that they request. */
export const warehouse = warehouseOf.with({
  plan: warehouseOf.on(OrderPlaced, ({ orderId, patienceMs }, { timers }) => {
    timers.pack.after(orderId, { milliseconds: patienceMs }, { tries: 1 })
    timers.lock.every('all', { cron: '*/10 * * * *' })
  }),
  // A paid order is packed at once, or a second time.
  hurry: warehouseOf.on(OrderPaid, { publishes: [OrderPacked] }, ({ orderId }, { timers, publish }) => {
    timers.pack.cancel(orderId)
    publish(OrderPacked, { orderId })
  }),
  pack: warehouseOf.due(
    'pack',
    { publishes: [OrderPacked], requests: [PrintLabel] },
    ({ tries }, { timer: { key }, timers, publish, request }) => {
      if (tries < 2) return timers.pack.after(key, { milliseconds: 5 }, { tries: tries + 1 })
      publish(OrderPacked, { orderId: key })
      request(PrintLabel, { orderId: key })
    },
  ),
  lock: warehouseOf.due('lock', () => {}),
  print: warehouseOf.effect(PrintLabel, {
    perform: () => {
      throw new Error('a simulation performs nothing')
    },
    outcome: ({ label }, { tables, input: { orderId } }) => {
      tables.labels.put({ orderId, label })
    },
  }),
})

/** All services. */
export const reminders: readonly Service[] = [orders, payments, warehouse]

/** Orders, some of which are paid early or late. */
export function* customers({ random }: WorkloadTools): Iterable<WorkloadStep> {
  for (let number = 1; ; number++) {
    const orderId = `o-${number}`
    const patienceMs = random.pick([1, 10, 50, 200, 1_000, 8_000])
    yield send('orders', PlaceOrder, { orderId, customer: `c-${Math.ceil(number / 4) % 3}`, patienceMs })
    if (random.happens(0.6)) yield send('orders', PayOrder, { orderId })
  }
}

/** The invariants of reminders. */
export const remindedOnce = [
  defineInvariant(
    'an order that is not paid is reminded of once, and one that is paid in the end at most once',
    async ({ events }) => {
      const reminded = (await events(OrderReminded)).map(({ key }) => key)
      const twice = reminded.find((key, index) => reminded.indexOf(key) !== index)
      if (twice !== undefined) return `order ${twice} was reminded of twice`
      const paid = new Set((await events(OrderPaid)).map(({ key }) => key))
      const forgotten = (await events(OrderPlaced)).find(({ key }) => !paid.has(key) && !reminded.includes(key))
      return forgotten && `order ${forgotten.key} is not paid, and nobody was reminded`
    },
  ),
  defineInvariant('of cancel and fire, the first commit wins', async ({ events }) => {
    const late = (await events(OrderReminded)).find(({ data }) => data?.paid)
    return late && `order ${late.key} was reminded of although its timer had been cancelled`
  }),
  defineInvariant('every reminder is a mail, and a mail is written down once', async ({ events, rows }) => {
    const written = new Map((await rows(payments, 'mails')).map(({ orderId, times }) => [orderId, times]))
    for (const { key } of await events(OrderReminded))
      if (written.get(key) !== 1) return `the mail about ${key} was written down ${written.get(key) ?? 0} times`
    const said = (await events(MailSent)).map(({ key }) => key)
    return said.length === written.size ? undefined : `${said.length} mails were published, ${written.size} were stored`
  }),
]
