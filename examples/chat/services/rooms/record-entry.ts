// The command that `enter-room` executes when the member is known. It is separate, because a decider is pure and cannot read a replica.
import { defineCommand } from 'tidings'
import { z } from 'zod'
import { Id } from '../words.ts'

/** Records that a member came in. Internal, because it accepts any member: only `enter-room` executes it. */
export const RecordEntry = defineCommand('record-entry', {
  input: z.object({ roomId: Id, entryId: Id.optional(), memberId: Id }),
  key: ({ roomId }) => roomId,
})
