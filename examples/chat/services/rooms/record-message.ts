// The command that `post-message` executes when the author's name is known. It is separate, because a decider is pure and cannot read a
// replica.
import { defineCommand } from 'tidings'
import { z } from 'zod'
import { Id, Name, Text } from '../words.ts'

/** Records a message with its author's name. Internal, because it accepts any name: only `post-message` executes it. */
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
