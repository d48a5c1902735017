// The whole life of one order, read from a file or generated. Moments are milliseconds since 1970 (UTC).
// Invariant: moments are not corrected: a hand-over may be before the purchase.
import type { OrderStatus } from '../services/orders/contract.ts'

/** An item of an order. */
export interface LifeItem {
  /** 1 for the first item. */
  readonly itemNumber: number
  readonly productId: string
  readonly sellerId: string
  readonly priceCents: number
  readonly freightCents: number
  /** The latest time for the seller to hand it over. */
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
  /** Its last status. */
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
