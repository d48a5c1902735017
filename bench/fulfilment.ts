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

/** The data of `order fulfilled`. */
export type OrderFulfilled = z.infer<typeof OrderFulfilled>

/** Makes a step of an order from a number. */
export function makeStep(number: number): OrderStep {
  return {
    orderId: `order-${String(number).padStart(9, '0')}`,
    cents: 1_000 + (number % 9_000),
    note: 'leave it with the neighbour on the left, please',
  }
}

/** Validates the row of an instance. */
export const InstanceRow = z.object({
  orderId: z.string().min(1),
  state: z.enum(['new', 'placed', 'paid', 'fulfilled']),
  cents: z.int(),
  paidCents: z.int(),
  startedAt: z.int(),
  changedAt: z.int(),
})

/** The row of an instance. */
export type InstanceRow = z.infer<typeof InstanceRow>

/** An instance before its first input. */
export const emptyInstance = { state: 'new', cents: 0, paidCents: 0 } as const

/** Validates the row of a step: one input of an instance and what it led to. */
export const StepRow = z.object({
  orderId: z.string().min(1),
  number: z.int().positive(),
  at: z.int(),
  occurredAt: z.int(),
  input: z.enum(stepNames),
  inputId: z.string(),
  correlationId: z.string(),
  facts: z.array(z.string()),
  published: z.array(z.string()),
})

/** Validates the facts of an instance. */
export const FactSchemas = {
  started: z.object({ cents: z.int() }),
  paid: z.object({ cents: z.int() }),
  ended: z.object({}),
} as const

/** A fact of an instance. */
export type Fact =
  | { readonly type: 'started' | 'paid'; readonly data: { readonly cents: number } }
  | { readonly type: 'ended'; readonly data: object }

/** Folds a fact into an instance. */
export function addFact(instance: InstanceRow, fact: Fact): InstanceRow {
  if (fact.type === 'started') return { ...instance, state: 'placed', cents: fact.data.cents }
  if (fact.type === 'paid') return { ...instance, state: 'paid', paidCents: fact.data.cents }
  return { ...instance, state: 'fulfilled' }
}
