// The entries of the rooms, written in the same commit as the facts, so that a sender sees their message in the next query.
// Invariant: these tables do not contain the text of a redacted message.
import type { FactProjectionContext } from 'tidings'
import type { z } from 'zod'
import type { MessageView } from './contract.ts'
import { placeOfEntry, placeOfMessage } from './entry-place.ts'
import { message } from './message.ts'
import { withoutReaction, withReaction } from './message-state.ts'
import { room } from './room.ts'
import { type entries, type places, rooms } from './service.ts'

type Context = FactProjectionContext<{ entries: typeof entries; places: typeof places }>
type Message = z.infer<typeof MessageView>

export const followEntries = rooms
  .projection('entries', { writes: ['entries', 'places'], mode: 'inline' })
  .onFact(room, 'entered', ({ entryId, memberId }, context) => put(context, entryId, { kind: 'entered', memberId }))
  .onFact(room, 'left', ({ entryId, memberId }, context) => put(context, entryId, { kind: 'left', memberId }))
  .onFact(room, 'noticed', ({ entryId, text }, context) => put(context, entryId, { kind: 'notice', text }))
  .onFact(message, 'posted', (posted, { tables, fact }) => {
    const messageId = fact.stream
    const place = placeOfMessage(posted.roomId, messageId, fact)
    const at = fact.occurredAt.toISOString()
    tables.places.put({ messageId, place })
    tables.entries.put({
      ...{ kind: 'message', place, at, messageId },
      ...{ ...posted, editedAt: null, redacted: false, reactions: {} },
    })
  })
  .onFact(message, 'edited', ({ text }, context) =>
    change(context, () => ({ text, editedAt: context.fact.occurredAt.toISOString() })),
  )
  .onFact(message, 'redacted', (_, context) =>
    change(context, () => ({ text: '', attachmentId: null, redacted: true, reactions: {} })),
  )
  .onFact(message, 'reacted', ({ emoji, memberId }, context) =>
    change(context, ({ reactions }) => ({ reactions: copy(withReaction(reactions, emoji, memberId)) })),
  )
  .onFact(message, 'unreacted', ({ emoji, memberId }, context) =>
    change(context, ({ reactions }) => ({ reactions: copy(withoutReaction(reactions, emoji, memberId)) })),
  )

type Line = { kind: 'entered' | 'left'; memberId: string } | { kind: 'notice'; text: string }

function put({ tables, fact }: Context, givenId: string | null, line: Line): void {
  const at = fact.occurredAt.toISOString()
  tables.entries.put({ ...placeOfEntry(givenId, fact), roomId: fact.stream, at, ...line })
}

async function change({ tables, fact }: Context, changes: (message: Message) => Partial<Message>): Promise<void> {
  const found = await tables.places.get(fact.stream)
  const known = found === undefined ? undefined : await tables.entries.get(found.place)
  if (known?.kind === 'message') tables.entries.put({ ...known, ...changes(known) })
}

const copy = (reactions: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(reactions).map(([emoji, members]) => [emoji, [...members]]))
