// The life of one order as steps, in the order in which they are sent.
// No step comes before the order's purchase: what is dated earlier follows right after it and keeps its own time.
import { type OrderStatus, PlaceOrder, SetOrderStatus } from '../services/orders/contract.ts'
import { ApprovePayment, RecordPayment } from '../services/payments/contract.ts'
import { SubmitReview } from '../services/reviews/contract.ts'
import { DeliverShipment, HandOverShipment } from '../services/shipping/contract.ts'
import { compareIds } from './compare-ids.ts'
import type { LifePayment, LifeReview, OrderLife } from './order-life.ts'
import { type Step, stepOf } from './step.ts'

/** A step and when its turn comes. */
export interface TimedStep {
  readonly step: Step
  /** When its turn comes, in milliseconds since 1970: its own time, but never before its order's purchase. */
  readonly turnAt: number
}

const iso = (moment: number): string => new Date(moment).toISOString()

/**
 * The steps of one order. Those whose turns come at the same moment stand in the order in which they are to be sent.
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
  const add = (step: Step) => steps.push({ step, turnAt: Math.max(step.occurredAt, purchasedAt) })

  add(stepOf('orders', PlaceOrder, placed(order), ofOrder(purchasedAt, 'placed')))
  // Payments have no time of their own: they come with the purchase.
  for (const { sequence, type, installments, cents } of order.payments.toSorted(bySequence)) {
    const payment = { orderId, sequence, type, installments, cents }
    add(stepOf('payments', RecordPayment, payment, ofOrder(purchasedAt, `payment/${sequence}`)))
  }
  if (approvedAt !== null) add(stepOf('payments', ApprovePayment, { orderId }, ofOrder(approvedAt, 'approved')))
  if (handedOverAt !== null)
    add(stepOf('shipping', HandOverShipment, { orderId }, ofOrder(handedOverAt, 'handed-over')))
  if (deliveredAt !== null) add(stepOf('shipping', DeliverShipment, { orderId }, ofOrder(deliveredAt, 'delivered')))
  if (status !== reachedStatus(order)) {
    // A status without a time of its own: right after the order's last known moment.
    const last = Math.max(purchasedAt, approvedAt ?? 0, handedOverAt ?? 0, deliveredAt ?? 0)
    add(stepOf('orders', SetOrderStatus, { orderId, status }, ofOrder(last, 'status')))
  }
  for (const { reviewId, score, title, text, askedAt, answeredAt } of order.reviews.toSorted(byAnswer)) {
    const review = { reviewId, orderId, score, title, text, askedAt: iso(askedAt) }
    add(stepOf('reviews', SubmitReview, review, rest(answeredAt, `review/${reviewId}/${orderId}`)))
  }
  return steps
}

/** Compares two steps by their turns, then by their sequences; a stable sort keeps the rest as `orderSteps` lists it. */
export function compareTurns(a: TimedStep, b: TimedStep): number {
  return a.turnAt - b.turnAt || compareIds(a.step.sequence, b.step.sequence)
}

const bySequence = (a: LifePayment, b: LifePayment) => a.sequence - b.sequence
const byAnswer = (a: LifeReview, b: LifeReview) => a.answeredAt - b.answeredAt || compareIds(a.reviewId, b.reviewId)

/** The status that an order's own moments speak of. */
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
