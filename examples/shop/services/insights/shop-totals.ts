// Answers the totals over the whole shop with plain SQL over the read models. `doc` is a row's JSON; indexed fields are columns.
// Invariant: sums of money are exact, however large. SQL sums millions of cents and the rest separately, so no sum leaves the safe numbers.
import type { Sql } from 'tidings'
import { ShopTotals } from './contract.ts'
import { insights } from './service.ts'

export const shopTotals = insights.query(ShopTotals, async (_, { sql }) => {
  const { dispatched = 0, delivered = 0 } = (await sumParcels(sql)) ?? {}
  const { cases = 0, withText = 0 } = (await sumCases(sql)) ?? {}
  const byType = await sumPayments(sql)
  const late = await countLate(sql)
  return {
    orders: countsOf(await countOrders(sql)),
    payments: {
      count: byType.reduce((sum, { count }) => sum + count, 0),
      cents: centsOf(byType),
      byType: Object.fromEntries(byType.map((sums) => [sums.word, { count: sums.count, cents: centsOf([sums]) }])),
    },
    freightCents: centsOf(await sumFreight(sql)),
    parcels: { dispatched, delivered },
    late: { count: late.reduce((sum, { count }) => sum + count, 0), byState: countsOf(late) },
    revenueByMonth: Object.fromEntries((await sumRevenue(sql)).map((sums) => [sums.month, centsOf([sums])])),
    reviews: countsOf(await countReviews(sql)),
    support: { cases, withText },
  }
})

interface WordCount {
  readonly word: string
  readonly count: number
}

/** A sum of money in two parts: `millions` × 1,000,000 + `cents`. */
interface CentsSums {
  readonly millions: number | null
  readonly cents: number | null
}

const centsOf = (parts: readonly CentsSums[]): string =>
  String(parts.reduce((sum, { millions, cents }) => sum + BigInt(millions ?? 0) * 1_000_000n + BigInt(cents ?? 0), 0n))

const countsOf = (rows: readonly WordCount[]) => Object.fromEntries(rows.map(({ word, count }) => [word, count]))

const countOrders = (sql: Sql) => sql<WordCount>`
  SELECT status AS word, count(*) AS count FROM ${sql.table('orders')}
  WHERE customerId IS NOT NULL GROUP BY status ORDER BY status`

const sumPayments = (sql: Sql) => sql<WordCount & CentsSums>`
  SELECT doc ->> 'type' AS word, count(*) AS count,
    sum((doc ->> 'cents') / 1000000) AS millions, sum((doc ->> 'cents') % 1000000) AS cents
  FROM ${sql.table('payments')} GROUP BY word ORDER BY word`

const sumFreight = (sql: Sql) => sql<CentsSums>`
  SELECT sum((doc ->> 'freightCents') / 1000000) AS millions, sum((doc ->> 'freightCents') % 1000000) AS cents
  FROM ${sql.table('orders')}`

const sumParcels = async (sql: Sql) => {
  const rows = await sql<{ dispatched: number; delivered: number }>`
    SELECT coalesce(sum(doc ->> 'dispatched'), 0) AS dispatched, coalesce(sum(doc ->> 'delivered'), 0) AS delivered
    FROM ${sql.table('parcels')}`
  return rows[0]
}

const countLate = (sql: Sql) => sql<WordCount>`
  SELECT coalesce(customers.state, 'unknown') AS word, count(*) AS count
  FROM ${sql.table('orders')} AS orders LEFT JOIN ${sql.table('customers')} AS customers ON customers.key = orders.customerId
  WHERE orders.doc ->> 'deliveredAt' > orders.doc ->> 'estimatedAt'
  GROUP BY word ORDER BY word`

const sumRevenue = (sql: Sql) => sql<CentsSums & { readonly month: string }>`
  SELECT orders.doc ->> 'month' AS month,
    sum((payments.doc ->> 'cents') / 1000000) AS millions, sum((payments.doc ->> 'cents') % 1000000) AS cents
  FROM ${sql.table('payments')} AS payments JOIN ${sql.table('orders')} AS orders ON orders.key = payments.orderId
  WHERE orders.customerId IS NOT NULL
  GROUP BY month ORDER BY month`

const countReviews = (sql: Sql) => sql<WordCount>`
  SELECT doc ->> 'score' AS word, count(*) AS count FROM ${sql.table('reviews')} GROUP BY word ORDER BY word`

const sumCases = async (sql: Sql) => {
  const rows = await sql<{ cases: number; withText: number }>`
    SELECT count(*) AS cases, coalesce(sum(doc ->> 'withText'), 0) AS withText FROM ${sql.table('cases')}`
  return rows[0]
}
