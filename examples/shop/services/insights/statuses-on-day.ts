// Answers how many orders had which status at the end of a day, from the history of their changes. A status that was set by hand counts
// unless something happened later; otherwise the furthest progress counts.
import { StatusesOnDay } from './contract.ts'
import { insights } from './service.ts'

const dayMs = 86_400_000

export const statusesOnDay = insights.query(StatusesOnDay, async ({ day }, { sql }) => {
  const end = Date.parse(`${day}T00:00:00Z`) + dayMs
  const history = sql.table('history')
  const rows = await sql<{ status: string; count: number }>`
    WITH changes AS (
      SELECT ${history.text('orderId')} AS orderId, ${history.text('status')} AS status, ${history.integer('rank')} AS rank, at
      FROM ${history} WHERE at < ${end}
    ), compared AS (
      SELECT orderId, status, rank, at, min(rank) OVER (PARTITION BY orderId) AS firstRank,
        CASE WHEN rank = 5 AND at < max(CASE WHEN rank < 5 THEN at END) OVER (PARTITION BY orderId) THEN 1 ELSE 0 END AS isOvertaken
      FROM changes
    ), ranked AS (
      SELECT status, row_number() OVER (PARTITION BY orderId ORDER BY isOvertaken, rank DESC, at DESC, status) AS place
      FROM compared WHERE firstRank = 1
    )
    SELECT status, count(*) AS count FROM ranked WHERE place = 1 GROUP BY status ORDER BY status`
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
})
