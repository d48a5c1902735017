// The service `insights`: one row for each order, payment, parcel, review and case, from services that do not know each other.
// Invariant: rows are joined only in queries, so the answer does not depend on which event came first.
import { defineService, defineTable, replicaOf, type SqlOf } from 'tidings'
import { z } from 'zod'
import { CustomerChanged } from '../customers/contract.ts'
import { OrderStatus } from '../orders/contract.ts'

const Flag = z.literal([0, 1])
const At = z.int()

/** An order as it is now; moments are in milliseconds since 1970. */
export const orders = defineTable('orders')
  .version(
    1,
    z.object({
      orderId: z.string(),
      status: OrderStatus,
      /** The month of purchase; these are `null` until the purchase is known. */
      month: z.string().nullable(),
      customerId: z.string().nullable(),
      estimatedAt: At.nullable(),
      freightCents: z.int(),
      approvedAt: At.nullable(),
      /** The month of the approval. */
      approvedMonth: z.string().nullable(),
      handedOverAt: At.nullable(),
      deliveredAt: At.nullable(),
    }),
  )
  .key((order) => order.orderId)
  .index('status')
  .index('customerId')

/** Every change of an order's status with its time: what a table of current states forgets. */
export const history = defineTable('history')
  .version(1, z.object({ changeId: z.string(), orderId: z.string(), at: At, status: OrderStatus, rank: z.int() }))
  .key((change) => change.changeId)
  .index('at')

const payments = defineTable('payments')
  .version(1, z.object({ paymentId: z.string(), orderId: z.string(), type: z.string(), cents: z.int() }))
  .key((payment) => payment.paymentId)
  .index('orderId')

const parcels = defineTable('parcels')
  .version(1, z.object({ parcelId: z.string(), dispatched: Flag, delivered: Flag }))
  .key((parcel) => parcel.parcelId)

const reviews = defineTable('reviews')
  .version(1, z.object({ reviewKey: z.string(), score: z.int() }))
  .key((review) => review.reviewKey)

const cases = defineTable('cases')
  .version(1, z.object({ caseId: z.string(), withText: Flag }))
  .key((opened) => opened.caseId)

export const insights = defineService('insights', {
  description: 'Totals over everything that happened, and questions about the past.',
  readModels: { orders, history, payments, parcels, reviews, cases },
  replicas: { customers: replicaOf(CustomerChanged, { indexes: ['state'] }) },
})

/** The `sql` of its queries. */
export type InsightsSql = SqlOf<typeof insights>
