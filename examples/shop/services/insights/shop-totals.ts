// Answers the totals over the whole shop with plain SQL over the read models, in words that every engine with SQL understands.
// Invariant: sums of money are exact, however large. SQL sums millions of cents and the rest separately, so no sum leaves the safe numbers.
import type { SqlExpression } from 'tidings'
import { ShopTotals } from './contract.ts'
import { type InsightsSql, insights } from './service.ts'

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

/** The two parts of a sum. */
const sumsOf = (sql: InsightsSql, cents: SqlExpression) =>
  sql`sum(${cents} / 1000000) AS millions, sum(${cents} % 1000000) AS cents`

const countOrders = (sql: InsightsSql) => {
  const orders = sql.table('orders')
  return sql<WordCount>`
    SELECT ${orders.text('status')} AS word, count(*) AS count FROM ${orders}
    WHERE ${orders.text('customerId')} IS NOT NULL GROUP BY word ORDER BY word`
}

const sumPayments = (sql: InsightsSql) => {
  const payments = sql.table('payments')
  return sql<WordCount & CentsSums>`
    SELECT ${payments.text('type')} AS word, count(*) AS count, ${sumsOf(sql, payments.integer('cents'))}
    FROM ${payments} GROUP BY word ORDER BY word`
}

const sumFreight = (sql: InsightsSql) => {
  const orders = sql.table('orders')
  return sql<CentsSums>`SELECT ${sumsOf(sql, orders.integer('freightCents'))} FROM ${orders}`
}

const sumParcels = async (sql: InsightsSql) => {
  const parcels = sql.table('parcels')
  const rows = await sql<{ dispatched: number; delivered: number }>`
    SELECT coalesce(sum(${parcels.integer('dispatched')}), 0) AS dispatched,
      coalesce(sum(${parcels.integer('delivered')}), 0) AS delivered
    FROM ${parcels}`
  return rows[0]
}

const countLate = (sql: InsightsSql) => {
  const [orders, customers] = [sql.table('orders').as('orders'), sql.table('customers').as('customers')]
  return sql<WordCount>`
    SELECT coalesce(${customers.text('state')}, 'unknown') AS word, count(*) AS count
    FROM ${orders} LEFT JOIN ${customers} ON ${customers.key} = ${orders.text('customerId')}
    WHERE ${orders.integer('deliveredAt')} > ${orders.integer('estimatedAt')}
    GROUP BY word ORDER BY word`
}

const sumRevenue = (sql: InsightsSql) => {
  const [orders, payments] = [sql.table('orders').as('orders'), sql.table('payments').as('payments')]
  return sql<CentsSums & { readonly month: string }>`
    SELECT ${orders.text('month')} AS month, ${sumsOf(sql, payments.integer('cents'))}
    FROM ${payments} JOIN ${orders} ON ${orders.key} = ${payments.text('orderId')}
    WHERE ${orders.text('customerId')} IS NOT NULL
    GROUP BY month ORDER BY month`
}

const countReviews = (sql: InsightsSql) => {
  const reviews = sql.table('reviews')
  return sql<WordCount>`
    SELECT ${reviews.integer('score')} AS word, count(*) AS count FROM ${reviews} GROUP BY word ORDER BY word`
}

const sumCases = async (sql: InsightsSql) => {
  const cases = sql.table('cases')
  const rows = await sql<{ cases: number; withText: number }>`
    SELECT count(*) AS cases, coalesce(sum(${cases.integer('withText')}), 0) AS withText FROM ${cases}`
  return rows[0]
}
