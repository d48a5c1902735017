// Where things stand in a room. Invariant: places of one room sort by time, and at one moment by id; so the newest of a room are
// read backwards from its end, however many there are. No two facts have one place, whatever ids they were given.
import type { FactMeta } from 'tidings'

/** The place of a message: `room/001282068240000/id/message`. */
export function placeOfMessage(roomId: string, messageId: string, { occurredAt }: FactMeta): string {
  return `${roomId}/${timeOf(occurredAt)}/${messageId}/message`
}

/** The place of another line of a room's history, and its id: the sender's own, or else one derived from the line's number. */
export function placeOfEntry(
  givenId: string | null,
  fact: FactMeta,
): { readonly place: string; readonly entryId: string } {
  const { stream: roomId, streamVersion, occurredAt } = fact
  const entryId = entryIdOf(givenId, fact)
  return { place: `${roomId}/${timeOf(occurredAt)}/${entryId}/${streamVersion}`, entryId }
}

/** The id of a line of a room's history: the sender's own, or else one derived from the room and the line's number. */
export function entryIdOf(givenId: string | null, { stream, streamVersion }: FactMeta): string {
  return givenId ?? `${stream.slice(0, 48)}.${String(streamVersion).padStart(12, '0')}`
}

const timeOf = (at: Date): string => String(at.getTime()).padStart(15, '0')
