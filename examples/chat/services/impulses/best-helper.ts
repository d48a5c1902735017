// Chooses the member to ask if nobody has answered: the one with the most answers in the room, among those who answered within the last day
// and may still be nudged.
import type { RowOf, TableReader } from 'tidings'
import type { helpers } from './service.ts'

const dayMs = 86_400_000
const helpersMax = 1_000

/** The best helper of a room at a moment, other than the asker; `undefined` if there is none. */
export async function bestHelper(
  table: TableReader<RowOf<typeof helpers>, 'roomId'>,
  roomId: string,
  at: Date,
  other: string,
  mayBeNudged: (memberId: string) => Promise<boolean>,
): Promise<string | undefined> {
  const recent = (await table.find('roomId', roomId, { limit: helpersMax })).filter(
    ({ memberId, lastAt }) => memberId !== other && at.getTime() - lastAt <= dayMs,
  )
  recent.sort((a, b) => b.answers - a.answers || (a.memberId < b.memberId ? -1 : 1))
  for (const { memberId } of recent) if (await mayBeNudged(memberId)) return memberId
  return undefined
}
