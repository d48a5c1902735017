// The data of most rows: an order of about 300 bytes of JSON, its schema, and the parcel that a handler makes from it.

import * as z from 'zod'

/** Validates the data of `order placed`. */
export const OrderPlaced = z.object({
  orderId: z.string().min(1),
  customerId: z.string().min(1),
  month: z.string(),
  /** When the command was called, on the machine's monotonic clock, in milliseconds; used for latencies. */
  calledAt: z.number(),
  cents: z.int().nonnegative(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int().positive(), cents: z.int().nonnegative() })),
  note: z.string(),
})

/** An order. */
export type OrderPlaced = z.infer<typeof OrderPlaced>

/** Validates the data of `parcel dispatched`. */
export const ParcelDispatched = z.object({ parcelId: z.string().min(1), orderId: z.string().min(1), cents: z.int() })

/** A parcel. */
export type ParcelDispatched = z.infer<typeof ParcelDispatched>

/** Validates the row that a handler writes for a parcel. */
export const ParcelRow = z.object({ id: z.string(), orderId: z.string(), customerId: z.string(), cents: z.int() })

/** Validates a row of the projection. */
export const CustomerRow = z.object({ customer: z.string(), orders: z.int(), cents: z.int() })

/** The number of customers: the rows of the projection. */
export const customerCount = 1_000

/** Makes an order from a number: always the same one. */
export function makeOrder(number: number, orderId = `order-${number}`, calledAt = 0): OrderPlaced {
  const cents = 1_000 + (number % 9_000)
  return {
    orderId,
    customerId: `customer-${(number * 7_919) % customerCount}`,
    month: `2017-${String(1 + (number % 12)).padStart(2, '0')}`,
    calledAt,
    cents,
    lines: [
      { sku: `sku-${number % 500}`, quantity: 1 + (number % 3), cents },
      { sku: `sku-${(number * 3) % 500}`, quantity: 1, cents: 450 },
      { sku: `sku-${(number * 7) % 500}`, quantity: 2, cents: 1_250 },
    ],
    note: 'leave it with the neighbour on the left, please',
  }
}

/** The state of an order stream. */
export interface OrderTotal {
  readonly count: number
  readonly cents: number
  readonly lastMonth: string
}

/** The state of a stream before its first event. */
export const emptyTotal: OrderTotal = { count: 0, cents: 0, lastMonth: '' }

/** Adds an order to the state. */
export function addOrder(total: OrderTotal, order: OrderPlaced): OrderTotal {
  return { count: total.count + 1, cents: total.cents + order.cents, lastMonth: order.month }
}
