// The service `threads`: which message asks something, and which answers which. It listens to `rooms`, which does not need it: the chat goes on
// without it.
import { defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from './contract.ts'
import type { Memory } from './linking/memory.ts'

/** The linker's memory of a room, and the number of messages it has handled there. */
const memories = defineTable('memories')
  .version(
    1,
    z.object({ roomId: z.string(), heard: z.int(), memory: z.custom<Memory>((value) => typeof value === 'object') }),
  )
  .key((memory) => memory.roomId)

/** The messages, with the properties that threads need. */
const messages = defineTable('messages')
  .version(
    1,
    z.object({
      messageId: z.string(),
      authorId: z.string(),
      /** The key of its link. */
      linkId: z.string(),
      /** The message that began its thread. */
      rootId: z.string(),
      replies: z.int(),
      asks: z.boolean(),
      /** Whether somebody other than its author has answered it. */
      helped: z.boolean(),
    }),
  )
  .key((message) => message.messageId)

/** One link for each message, in the order of posting. */
const links = defineTable('links')
  .version(
    1,
    z.object({
      linkId: z.string(),
      roomId: z.string(),
      rootId: z.string(),
      messageId: z.string(),
      answersId: z.string().nullable(),
    }),
  )
  .key((link) => link.linkId)
  .index('roomId')
  .index('rootId')

export const threads = defineService('threads', {
  description: 'Which message asks something, and which answers which.',
  publishes: [QuestionAsked, QuestionWithdrawn, MessageAnswered],
  tables: { memories, messages, links },
})
