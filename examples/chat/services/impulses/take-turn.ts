// Limits how often a member is nudged on a day. All kinds of impulses share the limit.
import { defineCommand, type RowOf, reject, type TableReader } from 'tidings'
import { z } from 'zod'
import { impulses, type turns } from './service.ts'

/** The most impulses for one member on one day of their clock. */
export const turnsMax = 3

/** Takes one of a member's turns of a day. Internal: only processes execute it. Rejects `over-limit`. */
export const TakeTurn = defineCommand('take-turn', { input: z.object({ memberId: z.string(), day: z.string() }) })

export const takeTurn = impulses.command(TakeTurn, async ({ memberId, day }, { tables }) => {
  const left = await turnsLeft(tables.turns, memberId, day)
  if (left === 0) return reject('over-limit', `They were nudged ${turnsMax} times on ${day}.`)
  tables.turns.put({ memberId, day, count: turnsMax - left + 1 })
  return undefined
})

/** How often a member may still be nudged on a day. */
export async function turnsLeft(
  table: TableReader<RowOf<typeof turns>>,
  memberId: string,
  day: string,
): Promise<number> {
  const taken = (await table.get(`${memberId}/${day}`))?.count ?? 0
  return Math.max(0, turnsMax - taken)
}
