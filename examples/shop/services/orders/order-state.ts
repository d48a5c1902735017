// The state of an order, computed from its history. Invariant: it depends on which facts there are, not on their sequence, because payments
// and shipping report independently.

import type { z } from 'zod'
import type { OrderItem, OrderStatus } from './contract.ts'

/** The state of an order. Moments are ISO texts in UTC, so they compare as texts. */
export interface OrderState {
  readonly placed: {
    readonly customerId: string
    readonly placedAt: string
    readonly estimatedDeliveryAt: string
    readonly items: readonly z.infer<typeof OrderItem>[]
  } | null
  readonly approvedAt: string | null
  readonly handedOverAt: string | null
  readonly deliveredAt: string | null
  /** The last status that was set by hand. */
  readonly set: { readonly status: OrderStatus; readonly at: string } | null
}

/** An order without any facts. */
export const unknownOrder: OrderState = {
  placed: null,
  approvedAt: null,
  handedOverAt: null,
  deliveredAt: null,
  set: null,
}

/** The status of an order: the one that was set by hand, unless something happened later; otherwise its furthest progress. */
export function statusOf({ placed, approvedAt, handedOverAt, deliveredAt, set }: OrderState): OrderStatus {
  const moments = [placed?.placedAt, approvedAt, handedOverAt, deliveredAt]
  if (set !== null && moments.every((moment) => (moment ?? '') <= set.at)) return set.status
  if (deliveredAt !== null) return 'delivered'
  if (handedOverAt !== null) return 'shipped'
  return approvedAt === null ? 'created' : 'approved'
}
