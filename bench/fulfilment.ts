// What process managers are measured with: an order is placed, paid, and delivered, each in an event of its own; behind the last one
// the fulfilment of the order says that it is complete.

import * as z from 'zod'

/** Validates the data of each of the three events. */
export const OrderStep = z.object({ orderId: z.string().min(1), cents: z.int(), note: z.string() })

/** The data of each of the three events. */
export type OrderStep = z.infer<typeof OrderStep>

/** The three events, in their order. */
export const stepNames = ['placed', 'paid', 'delivered'] as const

/** One of the three events. */
export type StepName = (typeof stepNames)[number]

/** Validates the command that publishes one of the events for many orders. */
export const ReportSteps = z.object({ step: z.enum(stepNames), orders: z.array(OrderStep).min(1) })

/** Validates the data of `order fulfilled`. */
export const OrderFulfilled = z.object({ orderId: z.string().min(1), cents: z.int(), paidCents: z.int() })

/** The step of the order of a number. */
export function makeStep(number: number): OrderStep {
  return {
    orderId: `order-${String(number).padStart(9, '0')}`,
    cents: 1_000 + (number % 9_000),
    note: 'leave it with the neighbour on the left, please',
  }
}
