// Everything that was read as one sequence of steps, merged in time order.
// Ties are broken so that the sequence is the same on every machine: by the moment of a step's turn, then by order id (code
// units), then the customer before the order, then as `orderSteps` lists them: order, payments by number, approval,
// hand-over, delivery, status, reviews.
import { RegisterCustomer } from '../services/customers/contract.ts'
import { compareIds } from '../steps/compare-ids.ts'
import { compareTurns, orderSteps, type TimedStep } from '../steps/order-steps.ts'
import { type Step, stepOf } from '../steps/step.ts'
import type { ImportedOrder, ImportedOrders } from './read-orders.ts'

/** Where these orders are from: the beginning of every idempotency key. */
export const origin = 'olist'

/** The steps of everything that was read, in the order in which they are to be sent. */
export function mergeSteps(read: ImportedOrders): readonly Step[] {
  const orders = [...read.orders.values()].flatMap((order) => orderSteps(origin, order))
  // The sort is stable: among equals, customers stay before orders, and an order's steps stay as they were listed.
  return [...customerSteps(read), ...orders].sort(compareTurns).map(({ step }) => step)
}

// Customers have no time: each is registered right before their first purchase, one without any before all purchases.
function customerSteps({ customers, orders }: ImportedOrders): readonly TimedStep[] {
  const sorted = [...orders.values()].sort((a, b) => a.purchasedAt - b.purchasedAt || compareIds(a.orderId, b.orderId))
  const firstOrders = new Map<string, ImportedOrder>()
  for (const order of sorted) {
    if (!firstOrders.has(order.customerId)) firstOrders.set(order.customerId, order)
  }
  const beginning = sorted[0]?.purchasedAt ?? 0
  return [...customers.values()].map((customer) => {
    const { customerId } = customer
    const order = firstOrders.get(customerId)
    const occurredAt = order?.purchasedAt ?? beginning
    const rest = {
      occurredAt,
      idempotencyKey: `${origin}/customer/${customerId}`,
      sequence: order?.orderId ?? customerId,
    }
    const step = stepOf('customers', RegisterCustomer, customer, rest)
    return { step, turnAt: order === undefined ? beginning - 1 : occurredAt }
  })
}
