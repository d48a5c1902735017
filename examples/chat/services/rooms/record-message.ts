// What `post-message` comes to once the author's name is known. A command of its own, since a decider is pure and can't look
// into a replica.
import { defineCommand } from 'tidings'
import { z } from 'zod'
import { Id, Name, Text } from '../words.ts'

/** Records a message under its author's name. Nobody sends it: `post-message` executes it. */
export const RecordMessage = defineCommand('record-message', {
  input: z.object({
    messageId: Id,
    roomId: Id,
    authorId: Id,
    authorName: Name,
    text: Text,
    action: z.boolean(),
    attachmentId: Id.nullable(),
  }),
  key: ({ messageId }) => messageId,
})
