// A short time after an order was placed, its customer is reminded to pay, unless the payment was approved before.
// Invariant: each order has exactly one outcome: a reminder, or a reminder that was called off.
import { fact, timer } from 'tidings'
import { z } from 'zod'
import { OrderPlaced } from '../../services/orders/contract.ts'
import { PaymentApproved } from '../../services/payments/contract.ts'
import { ReminderCalledOff } from './contract.ts'
import { SendReminder } from './send-reminder.ts'
import { reminders } from './service.ts'

/** How long to wait for the payment, in milliseconds of real time; the times of generated orders are not real. */
const waitMs = 400

export const unpaidOrder = reminders
  .process('unpaid-order', {
    facts: { placed: fact(z.object({})) },
    initialState: () => ({}),
    evolve: { placed: (state) => state },
    timers: { remind: timer() },
    publishes: [ReminderCalledOff],
    requests: [SendReminder],
  })
  .starts(
    OrderPlaced,
    (order) => order.orderId,
    (_, { facts, timers, now }) => {
      timers.remind.at(new Date(now().getTime() + waitMs))
      return facts.placed({})
    },
  )
  .on(
    PaymentApproved,
    (approval) => approval.orderId,
    (_, { key, publish, end }) => {
      publish(ReminderCalledOff, { orderId: key })
      end()
    },
  )
  .due('remind', (_, { key, request, end }) => {
    request(SendReminder, { orderId: key })
    end()
  })
