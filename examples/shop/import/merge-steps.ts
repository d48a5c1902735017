// Merges everything that was read into one list of steps, in the order in which to send them. The list is the same on every machine: steps
// are sorted by time, then by order id (code units), then the customer before the order, then as `orderSteps` lists them: order, payments by
// number, approval, hand-over, delivery, status, reviews.
import { RegisterCustomer } from '../services/customers/contract.ts'
import { compareIds } from '../steps/compare-ids.ts'
import { compareSteps, orderSteps, type TimedStep } from '../steps/order-steps.ts'
import { type Step, stepOf } from '../steps/step.ts'
import type { ImportedOrder, ImportedOrders } from './read-orders.ts'

/** The origin of these orders: the beginning of every idempotency key. */
export const origin = 'olist'

/** The steps of everything that was read, in the order in which to send them. */
export function mergeSteps(read: ImportedOrders): readonly Step[] {
  const orders = [...read.orders.values()].flatMap((order) => orderSteps(origin, order))
  // The sort is stable: equal steps keep this order, customers first.
  return [...customerSteps(read), ...orders].sort(compareSteps).map(({ step }) => step)
}

// Customers have no time in the data. Each is registered right before their first purchase; a customer without one, before all purchases.
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
    return { step, sendAt: order === undefined ? beginning - 1 : occurredAt }
  })
}
