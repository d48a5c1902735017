// The data of the live rows: the messages of a room, each with the time when its post was sent.

import * as z from 'zod'

/** Validates a message as it is posted, stored and read. */
export const Message = z.object({
  messageId: z.string().min(1),
  roomId: z.string().min(1),
  authorId: z.string().min(1),
  text: z.string().max(2_000),
  /** When its post was sent, in milliseconds since 1970 with fractions. */
  sentAt: z.number(),
})

/** A message. */
export type Message = z.infer<typeof Message>

/** The room that everybody reads. */
export const roomId = 'lobby'

/** The most messages in a reader's first snapshot. */
export const newestCount = 100

/** Makes a message from a number and the time it is sent. */
export function makeMessage(number: number, sentAt: number): Message {
  return {
    messageId: `message-${String(number).padStart(9, '0')}`,
    roomId,
    authorId: `member-${number % 50}`,
    text: 'has anybody seen the key of the bicycle shed? it was on its hook this morning',
    sentAt,
  }
}
