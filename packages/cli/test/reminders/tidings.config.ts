// A small system for the tests of the command: an order that is not paid in time leads to one reminder by mail.
// While the file named by POISON exists, no mail can be sent.

import { existsSync } from 'node:fs'
import { defineConfig } from '@tidings/node'
import { sqliteDriver } from '@tidings/sqlite'
import { defineCommand, defineEffect, defineEvent, defineService, fact, timer } from 'tidings'
import { z } from 'zod'

const Order = z.object({ orderId: z.string(), patienceMs: z.number().default(1) })
const OrderPlaced = defineEvent('test.order-placed', { owner: 'orders', pattern: 'notification' })
  .version(1, Order)
  .key((order) => order.orderId)
const OrderPaid = defineEvent('test.order-paid', { owner: 'orders', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key((order) => order.orderId)
const OrderReminded = defineEvent('test.order-reminded', { owner: 'payments', pattern: 'notification' })
  .version(1, z.object({ orderId: z.string() }))
  .key((order) => order.orderId)
const PlaceOrder = defineCommand('place-order', { expose: true, input: Order })
const PayOrder = defineCommand('pay-order', { expose: true, input: z.object({ orderId: z.string() }) })
const ScheduleReport = defineCommand('schedule-report', { expose: true, input: z.object({ name: z.string() }) })

const ordersOf = defineService('orders', { publishes: [OrderPlaced, OrderPaid] })
const orders = ordersOf.with({
  placeOrder: ordersOf.command(PlaceOrder, { publishes: [OrderPlaced] }, (order, { publish }) =>
    publish(OrderPlaced, order),
  ),
  payOrder: ordersOf.command(PayOrder, { publishes: [OrderPaid] }, (order, { publish }) => publish(OrderPaid, order)),
})

const SendMail = defineEffect('send-mail', {
  input: z.object({ orderId: z.string(), text: z.string() }),
  key: (mail) => mail.orderId,
  description: 'Sends a mail.',
})

const paymentsOf = defineService('payments', {
  publishes: [OrderReminded],
  timers: { report: timer() },
  limits: { retryDelayMs: 1 },
})
const payment = paymentsOf
  .process('payment', {
    facts: {
      awaited: fact(z.object({ patienceMs: z.number() })),
      reminded: fact(z.object({ text: z.string() })),
      paid: fact(z.object({})),
    },
    initialState: () => ({ reminders: 0, paid: false }),
    evolve: {
      awaited: (state) => state,
      reminded: (state) => ({ ...state, reminders: state.reminders + 1 }),
      paid: (state) => ({ ...state, paid: true }),
    },
    timers: { remind: timer() },
    publishes: [OrderReminded],
    requests: [SendMail],
  })
  .starts(
    OrderPlaced,
    (order) => order.orderId,
    ({ patienceMs }, { facts, timers }) => {
      timers.remind.after({ milliseconds: patienceMs })
      return facts.awaited({ patienceMs })
    },
  )
  .due('remind', (_due, { key, facts, publish, request }) => {
    publish(OrderReminded, { orderId: key })
    request(SendMail, { orderId: key, text: 'Please \u001b[31mpay.' })
    return facts.reminded({ text: 'Please pay.' })
  })
  .on(
    OrderPaid,
    (order) => order.orderId,
    (_paid, { facts, end }) => {
      end()
      return facts.paid({})
    },
  )
const payments = paymentsOf.with({
  payment,
  report: paymentsOf.due('report', () => {}),
  schedule: paymentsOf.command(ScheduleReport, ({ name }, { timers }) =>
    timers.report.every(name, { cron: '30 9 * * mon-fri', timeZone: 'Europe/Berlin' }),
  ),
  sendMail: paymentsOf.effect(SendMail, {
    perform: () => {
      if (existsSync(process.env.POISON ?? '')) throw new RangeError('the mail server says \u001b[31mno')
    },
    attemptsMax: 2,
    breaker: { failures: 100, pauseMs: 100 },
  }),
})

export default defineConfig({
  name: 'reminders',
  services: [orders, payments],
  engine: ({ directory, log }) => sqliteDriver({ directory, durability: 'process-crash', log }),
  http: { port: 0 },
})
