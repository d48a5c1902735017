// What others may know of `threads`: which messages ask something, and which message answers which.
// Invariant: every event is keyed by the earlier message, so that whoever hears of a question hears all of it in order.
import { defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

const owner = { owner: 'threads', pattern: 'event-sourcing' } as const
const ofMessage = (event: { readonly messageId: string }) => event.messageId

/** A message asks something; it occurs when it was posted, or edited into a question. */
export const QuestionAsked = defineEvent('chat.question-asked', owner)
  .version(1, z.object({ messageId: Id, roomId: Id, authorId: Id, askedAt: Moment }))
  .key(ofMessage)

/** A question was taken back by its author, or edited into something that asks nothing. */
export const QuestionWithdrawn = defineEvent('chat.question-withdrawn', owner)
  .version(1, z.object({ messageId: Id, roomId: Id, authorId: Id, withdrawnAt: Moment }))
  .key(ofMessage)

/** A message was answered by a later one; the author may have answered their own. */
export const MessageAnswered = defineEvent('chat.message-answered', owner)
  .version(
    1,
    z.object({
      /** The earlier message. */
      messageId: Id,
      /** The later one. */
      answerId: Id,
      roomId: Id,
      /** Who wrote the earlier one. */
      authorId: Id,
      /** Who wrote the later one. */
      answeredBy: Id,
      /** Whether the earlier one asks something. */
      question: z.boolean(),
      answeredAt: Moment,
    }),
  )
  .key(ofMessage)

/** Which message answers which: `[answersId, messageId]`, with `null` where a message begins a thread. */
export const Link = z.tuple([Id.nullable(), Id])

/** The links of a room in the order of posting, a page at a time. */
export const LinksOfRoom = defineQuery('links-of-room', {
  owner: 'threads',
  input: z.object({
    roomId: Id,
    /** Go on after this message. */
    after: Id.optional(),
    limit: z.int().min(1).max(1_000).default(1_000),
  }),
  output: z.array(Link),
})

/** The whole thread that a message belongs to, in the order of posting; at most 1,000 messages. */
export const ThreadOfMessage = defineQuery('thread-of-message', {
  owner: 'threads',
  input: z.object({ messageId: Id }),
  output: z.object({
    /** The message that began it. */
    rootId: Id,
    messages: z.array(
      z.object({
        messageId: Id,
        authorId: Id,
        answersId: Id.nullable(),
        /** How many messages answer it. */
        replies: z.int().nonnegative(),
        asks: z.boolean(),
      }),
    ),
  }),
})

/** A link with the message that began its thread. */
export const LinkView = z.object({ messageId: Id, answersId: Id.nullable(), rootId: Id })

/** The newest 1,000 links of a room, live. */
export const RoomLinks = defineLiveQuery('room-links', {
  owner: 'threads',
  input: z.object({ roomId: Id }),
  row: LinkView,
})
