// Answers how long orders waited between the approval of their payment and their hand-over, month by month.
import { HandOverWaits } from './contract.ts'
import { insights } from './service.ts'

const hourMs = 3_600_000

export const handOverWaits = insights.query(HandOverWaits, async (_, { sql }) => {
  const orders = sql.table('orders')
  const rows = await sql<{ month: string; orders: number; waitMs: number; handedOverFirst: number }>`
    WITH waits AS (
      SELECT ${orders.text('approvedMonth')} AS month, ${orders.integer('handedOverAt')} - ${orders.integer('approvedAt')} AS waitMs
      FROM ${orders}
    )
    SELECT month, count(*) AS orders, sum(CASE WHEN waitMs > 0 THEN waitMs ELSE 0 END) AS waitMs,
      sum(CASE WHEN waitMs < 0 THEN 1 ELSE 0 END) AS handedOverFirst
    FROM waits WHERE month IS NOT NULL AND waitMs IS NOT NULL GROUP BY month ORDER BY month`
  return rows.map(({ month, orders, waitMs, handedOverFirst }) => {
    return { month, orders, waitHours: Math.round((waitMs / orders / hourMs) * 10) / 10, handedOverFirst }
  })
})
