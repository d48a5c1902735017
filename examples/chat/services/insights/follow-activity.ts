// Counts what members do, on the day it occurred and over all days. A member who posted, came in or changed their name was active.
import type { ProjectionContext, RowOf } from 'tidings'
import { MemberRenamed } from '../members/contract.ts'
import { MessagePosted, NoticePosted, RoomEntered, RoomLeft } from '../rooms/contract.ts'
import { type active, allDays, type days, insights } from './service.ts'

type Context = ProjectionContext<{ days: typeof days; active: typeof active }>
type Day = RowOf<typeof days>
type Counted = 'messages' | 'actions' | 'joins' | 'parts' | 'renames' | 'others'

/** A day on which nothing happened. */
export const emptyDay = (day: string): Day => ({
  ...{ day, messages: 0, actions: 0, joins: 0, parts: 0, renames: 0, others: 0, members: 0 },
  hours: Array.from({ length: 24 }, () => 0),
})

export const followActivity = insights
  .projection('activity', { writes: ['days', 'active'] })
  .on(MessagePosted, ({ authorId, action }, context) => count(context, action ? 'actions' : 'messages', authorId))
  .on(RoomEntered, ({ memberId }, context) => count(context, 'joins', memberId))
  .on(RoomLeft, (_, context) => count(context, 'parts'))
  .on(NoticePosted, (_, context) => count(context, 'others'))
  .on(MemberRenamed, ({ memberId }, context) => count(context, 'renames', memberId))

async function count({ tables, event }: Context, what: Counted, activeId?: string): Promise<void> {
  const at = event.occurredAt.toISOString()
  const hour = what === 'messages' || what === 'actions' ? event.occurredAt.getUTCHours() : undefined
  for (const day of [at.slice(0, 10), allDays]) {
    const known = (await tables.days.get(day)) ?? emptyDay(day)
    const isNew = activeId !== undefined && (await tables.active.get(`${day}/${activeId}`)) === undefined
    if (isNew) tables.active.put({ day, memberId: activeId })
    tables.days.put({
      ...known,
      [what]: known[what] + 1,
      members: known.members + (isNew ? 1 : 0),
      hours: known.hours.map((messages, index) => messages + (index === hour ? 1 : 0)),
    })
  }
}
