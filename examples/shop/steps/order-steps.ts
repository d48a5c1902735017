// The life of one order as steps, in the order in which to send them.
// No step is sent before the purchase: a step with an earlier time is sent right after it and keeps its own time.
import { type OrderStatus, PlaceOrder, SetOrderStatus } from '../services/orders/contract.ts'
import { ApprovePayment, RecordPayment } from '../services/payments/contract.ts'
import { SubmitReview } from '../services/reviews/contract.ts'
import { DeliverShipment, HandOverShipment } from '../services/shipping/contract.ts'
import { compareIds } from './compare-ids.ts'
import type { LifePayment, LifeReview, OrderLife } from './order-life.ts'
import { type Step, stepOf } from './step.ts'

/** A step and the time to send it. */
export interface TimedStep {
  readonly step: Step
  /** When to send it, in milliseconds since 1970: at its own time, but not before its order's purchase. */
  readonly sendAt: number
}

const iso = (moment: number): string => new Date(moment).toISOString()

/**
 * The steps of one order. Steps with the same time are in the order in which to send them.
 *
 * @param origin - where the order comes from; the beginning of every idempotency key: `olist`.
 */
export function orderSteps(origin: string, order: OrderLife): readonly TimedStep[] {
  const { orderId, purchasedAt, approvedAt, handedOverAt, deliveredAt, status } = order
  const steps: TimedStep[] = []
  const rest = (occurredAt: number, name: string) => ({
    occurredAt,
    idempotencyKey: `${origin}/${name}`,
    sequence: orderId,
  })
  const ofOrder = (occurredAt: number, name: string) => rest(occurredAt, `order/${orderId}/${name}`)
  const add = (step: Step) => steps.push({ step, sendAt: Math.max(step.occurredAt, purchasedAt) })

  add(stepOf('orders', PlaceOrder, placed(order), ofOrder(purchasedAt, 'placed')))
  // Payments have no time of their own: they are sent with the purchase.
  for (const { sequence, type, installments, cents } of order.payments.toSorted(bySequence)) {
    const payment = { orderId, sequence, type, installments, cents }
    add(stepOf('payments', RecordPayment, payment, ofOrder(purchasedAt, `payment/${sequence}`)))
  }
  if (approvedAt !== null) add(stepOf('payments', ApprovePayment, { orderId }, ofOrder(approvedAt, 'approved')))
  if (handedOverAt !== null)
    add(stepOf('shipping', HandOverShipment, { orderId }, ofOrder(handedOverAt, 'handed-over')))
  if (deliveredAt !== null) add(stepOf('shipping', DeliverShipment, { orderId }, ofOrder(deliveredAt, 'delivered')))
  if (status !== reachedStatus(order)) {
    // A status has no time of its own: it is sent right after the order's last known moment.
    const last = Math.max(purchasedAt, approvedAt ?? 0, handedOverAt ?? 0, deliveredAt ?? 0)
    add(stepOf('orders', SetOrderStatus, { orderId, status }, ofOrder(last, 'status')))
  }
  for (const { reviewId, score, title, text, askedAt, answeredAt } of order.reviews.toSorted(byAnswer)) {
    const review = { reviewId, orderId, score, title, text, askedAt: iso(askedAt) }
    add(stepOf('reviews', SubmitReview, review, rest(answeredAt, `review/${reviewId}/${orderId}`)))
  }
  return steps
}

/** Compares two steps by time, then by sequence; a stable sort keeps the rest as `orderSteps` lists it. */
export function compareSteps(a: TimedStep, b: TimedStep): number {
  return a.sendAt - b.sendAt || compareIds(a.step.sequence, b.step.sequence)
}

const bySequence = (a: LifePayment, b: LifePayment) => a.sequence - b.sequence
const byAnswer = (a: LifeReview, b: LifeReview) => a.answeredAt - b.answeredAt || compareIds(a.reviewId, b.reviewId)

/** The status that follows from an order's moments. */
function reachedStatus(order: OrderLife): OrderStatus {
  if (order.deliveredAt !== null) return 'delivered'
  if (order.handedOverAt !== null) return 'shipped'
  return order.approvedAt === null ? 'created' : 'approved'
}

function placed({ orderId, customerId, estimatedDeliveryAt, items }: OrderLife) {
  return {
    orderId,
    customerId,
    estimatedDeliveryAt: iso(estimatedDeliveryAt),
    items: items
      .toSorted((a, b) => a.itemNumber - b.itemNumber)
      .map(({ itemNumber, productId, sellerId, priceCents, freightCents, shipBy }) => {
        return { itemNumber, productId, sellerId, priceCents, freightCents, shipBy: iso(shipBy) }
      }),
  }
}
