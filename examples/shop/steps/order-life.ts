// The whole life of one order, as it is known afterwards: read from a file, or made up. Moments are milliseconds since 1970 (UTC).
// Invariant: moments are kept as they are, however odd: a hand-over may lie before the purchase.
import type { OrderStatus } from '../services/orders/contract.ts'

/** An item of an order. */
export interface LifeItem {
  /** 1 for the first item. */
  readonly itemNumber: number
  readonly productId: string
  readonly sellerId: string
  readonly priceCents: number
  readonly freightCents: number
  /** When the seller has to hand it over at the latest. */
  readonly shipBy: number
}

/** A payment of an order; it has no time of its own. */
export interface LifePayment {
  /** 1 for the first payment. */
  readonly sequence: number
  readonly type: string
  readonly installments: number
  readonly cents: number
}

/** A review of an order. */
export interface LifeReview {
  readonly reviewId: string
  readonly score: number
  readonly title: string
  readonly text: string
  /** When the customer was asked. */
  readonly askedAt: number
  /** When the customer answered. */
  readonly answeredAt: number
}

/** The life of an order. */
export interface OrderLife {
  readonly orderId: string
  readonly customerId: string
  /** How it stands in the end. */
  readonly status: OrderStatus
  readonly purchasedAt: number
  readonly approvedAt: number | null
  readonly handedOverAt: number | null
  readonly deliveredAt: number | null
  readonly estimatedDeliveryAt: number
  readonly items: readonly LifeItem[]
  readonly payments: readonly LifePayment[]
  readonly reviews: readonly LifeReview[]
}
