// The contract of `threads`: which messages ask something, and which message answers which.
// Invariant: every event is keyed by the earlier message, so that subscribers get the events of a question in order.
import { defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

const owner = { owner: 'threads', pattern: 'event-sourcing' } as const
const ofMessage = (event: { readonly messageId: string }) => event.messageId

/** A message asks something; it occurred when it was posted, or edited into a question. */
export const QuestionAsked = defineEvent('chat.question-asked', owner)
  .version(1, z.object({ messageId: Id, roomId: Id, authorId: Id, askedAt: Moment }))
  .key(ofMessage)

/** The author redacted a question, or edited it so that it is no longer a question. */
export const QuestionWithdrawn = defineEvent('chat.question-withdrawn', owner)
  .version(1, z.object({ messageId: Id, roomId: Id, authorId: Id, withdrawnAt: Moment }))
  .key(ofMessage)

/** A later message answers this one; both may have the same author. */
export const MessageAnswered = defineEvent('chat.message-answered', owner)
  .version(
    1,
    z.object({
      /** The earlier message. */
      messageId: Id,
      /** The later message. */
      answerId: Id,
      roomId: Id,
      /** The author of the earlier message. */
      authorId: Id,
      /** The author of the later message. */
      answeredBy: Id,
      /** Whether the earlier message asks something. */
      question: z.boolean(),
      answeredAt: Moment,
    }),
  )
  .key(ofMessage)

/** Which message answers which: `[answersId, messageId]`, with `null` if a message begins a thread. */
export const Link = z.tuple([Id.nullable(), Id])

/** The links of a room in the order of posting, page by page. */
export const LinksOfRoom = defineQuery('links-of-room', {
  owner: 'threads',
  expose: true,
  input: z.object({
    roomId: Id,
    /** Continue after this message. */
    after: Id.optional(),
    limit: z.int().min(1).max(1_000).default(1_000),
  }),
  output: z.array(Link),
})

/** The whole thread that a message belongs to, in the order of posting; at most 1,000 messages. */
export const ThreadOfMessage = defineQuery('thread-of-message', {
  owner: 'threads',
  expose: true,
  input: z.object({ messageId: Id }),
  output: z.object({
    /** The message that began it. */
    rootId: Id,
    messages: z.array(
      z.object({
        messageId: Id,
        authorId: Id,
        answersId: Id.nullable(),
        /** The number of messages that answer it. */
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
  expose: true,
  input: z.object({ roomId: Id }),
  row: LinkView,
})
