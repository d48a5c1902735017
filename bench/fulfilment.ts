// The data of the process manager rows: an order is placed, paid and delivered, with one event for each. After the last one, the process
// publishes that the order is fulfilled.

import * as z from 'zod'

/** Validates the data of each of the three events. */
export const OrderStep = z.object({ orderId: z.string().min(1), cents: z.int(), note: z.string() })

/** The data of each of the three events. */
export type OrderStep = z.infer<typeof OrderStep>

/** The three events, in order. */
export const stepNames = ['placed', 'paid', 'delivered'] as const

/** One of the three events. */
export type StepName = (typeof stepNames)[number]

/** Validates the command that publishes one of the events for many orders. */
export const ReportSteps = z.object({ step: z.enum(stepNames), orders: z.array(OrderStep).min(1) })

/** Validates the data of `order fulfilled`. */
export const OrderFulfilled = z.object({ orderId: z.string().min(1), cents: z.int(), paidCents: z.int() })

/** Makes a step of an order from a number. */
export function makeStep(number: number): OrderStep {
  return {
    orderId: `order-${String(number).padStart(9, '0')}`,
    cents: 1_000 + (number % 9_000),
    note: 'leave it with the neighbour on the left, please',
  }
}
