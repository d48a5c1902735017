// The decider of an order. It records reports in any sequence: an approval after the hand-over, a delivery without an approval. It rejects
// only what cannot be right: another order with the same id, a status for an unknown order.
import { defineDecider, fact } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'
import {
  ApproveOrder,
  DeliverOrder,
  HandOverOrder,
  OrderItem,
  OrderStatus,
  PlaceOrder,
  SetOrderStatus,
} from './contract.ts'
import { type OrderState, unknownOrder } from './order-state.ts'

const nothing = z.object({})

export const order = defineDecider('order', {
  commands: { PlaceOrder, ApproveOrder, HandOverOrder, DeliverOrder, SetOrderStatus },
  facts: {
    placed: fact(z.object({ customerId: Id, estimatedDeliveryAt: Moment, items: z.array(OrderItem) })),
    approved: fact(nothing),
    handedOver: fact(nothing),
    delivered: fact(nothing),
    statusSet: fact(z.object({ status: OrderStatus })),
  },
  initialState: (): OrderState => unknownOrder,
  decide: {
    PlaceOrder: ({ orderId, customerId, estimatedDeliveryAt, items }, { placed }, { facts, reject }) => {
      if (placed === null) return facts.placed({ customerId, estimatedDeliveryAt, items })
      const { placedAt: _, ...known } = placed
      const isSame = JSON.stringify(known) === JSON.stringify({ customerId, estimatedDeliveryAt, items })
      return isSame ? undefined : reject('already-placed', `Order ${orderId} was already placed with other data.`)
    },
    ApproveOrder: (_, { approvedAt }, { facts }) => (approvedAt === null ? facts.approved({}) : undefined),
    HandOverOrder: (_, { handedOverAt }, { facts }) => (handedOverAt === null ? facts.handedOver({}) : undefined),
    DeliverOrder: (_, { deliveredAt }, { facts }) => (deliveredAt === null ? facts.delivered({}) : undefined),
    SetOrderStatus: ({ orderId, status }, { placed, set }, { facts, reject, occurredAt }) => {
      if (placed === null) return reject('unknown-order', `Order ${orderId} was never placed.`)
      const isSame = set?.status === status && set.at === occurredAt.toISOString()
      return isSame ? undefined : facts.statusSet({ status })
    },
  },
  evolve: {
    placed: (state, { customerId, estimatedDeliveryAt, items }, { occurredAt }) => {
      return { ...state, placed: { customerId, estimatedDeliveryAt, items, placedAt: occurredAt.toISOString() } }
    },
    approved: (state, _, { occurredAt }) => ({ ...state, approvedAt: occurredAt.toISOString() }),
    handedOver: (state, _, { occurredAt }) => ({ ...state, handedOverAt: occurredAt.toISOString() }),
    delivered: (state, _, { occurredAt }) => ({ ...state, deliveredAt: occurredAt.toISOString() }),
    statusSet: (state, { status }, { occurredAt }) => {
      const at = occurredAt.toISOString()
      return state.set !== null && state.set.at > at ? state : { ...state, set: { status, at } }
    },
  },
})
