// The places of entries in a room. Invariant: places of a room sort by time, then by id, so the newest entries can be read backwards from the
// end. No two facts have the same place, whatever their ids.
import type { FactMeta } from 'tidings'

/** The place of a message: `room/001282068240000/id/message`. */
export function placeOfMessage(roomId: string, messageId: string, { occurredAt }: FactMeta): string {
  return `${roomId}/${timeOf(occurredAt)}/${messageId}/message`
}

/** The place and id of another entry; the id is the sender's, or derived from the stream version. */
export function placeOfEntry(
  givenId: string | null,
  fact: FactMeta,
): { readonly place: string; readonly entryId: string } {
  const { stream: roomId, streamVersion, occurredAt } = fact
  const entryId = entryIdOf(givenId, fact)
  return { place: `${roomId}/${timeOf(occurredAt)}/${entryId}/${streamVersion}`, entryId }
}

/** The id of an entry: the sender's, or one derived from the room and the stream version. */
export function entryIdOf(givenId: string | null, { stream, streamVersion }: FactMeta): string {
  return givenId ?? `${stream.slice(0, 48)}.${String(streamVersion).padStart(12, '0')}`
}

const timeOf = (at: Date): string => String(at.getTime()).padStart(15, '0')
