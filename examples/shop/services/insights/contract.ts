// The contract of `insights`: totals over everything that happened, and questions about the past.
import { defineQuery } from 'tidings'
import { z } from 'zod'

const Count = z.int().nonnegative()

/** A sum of money in integer cents, as text: a sum may be larger than a number holds exactly. `16979` */
const CentsSum = z.string().regex(/^\d+$/)

/** Totals over the whole shop. Money is in integer cents, as text. */
export const Totals = z.object({
  /** Orders by status. */
  orders: z.record(z.string(), Count),
  payments: z.object({
    count: Count,
    cents: CentsSum,
    byType: z.record(z.string(), z.object({ count: Count, cents: CentsSum })),
  }),
  freightCents: CentsSum,
  /** Parcels: one seller's items of one order. */
  parcels: z.object({ dispatched: Count, delivered: Count }),
  /** Orders that reached the customer after the estimated date, by the customer's state. */
  late: z.object({ count: Count, byState: z.record(z.string(), Count) }),
  /** Payments by month of purchase: `2017-01`. */
  revenueByMonth: z.record(z.string(), CentsSum),
  /** Reviews by score. */
  reviews: z.record(z.string(), Count),
  support: z.object({ cases: Count, withText: Count }),
})

/** The type of the totals. */
export type Totals = z.infer<typeof Totals>

/** Totals over the whole shop, over all events that insights has handled. */
export const ShopTotals = defineQuery('shop-totals', {
  owner: 'insights',
  expose: true,
  input: z.object({}),
  output: Totals,
})

/** How many orders had which status at the end of a day (UTC). A table of current states could not answer that. */
export const StatusesOnDay = defineQuery('statuses-on-day', {
  owner: 'insights',
  expose: true,
  input: z.object({ day: z.iso.date() }),
  output: z.record(z.string(), Count),
})

/** How long orders waited between the approval of their payment and their hand-over, by month of approval. */
export const HandOverWaits = defineQuery('hand-over-waits', {
  owner: 'insights',
  expose: true,
  input: z.object({}),
  output: z.array(
    z.object({
      month: z.string(),
      orders: Count,
      /** The mean, in hours; hand-overs before the approval count as no wait. */
      waitHours: z.number(),
      /** Orders handed over before their payment was approved. */
      handedOverFirst: Count,
    }),
  ),
})
