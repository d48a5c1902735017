// The contract of `attachments`: that one was added. Its data is not in the event; others look it up.
import { defineCommand, defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

/** The largest content, in bytes. */
export const contentBytesMax = 102_400

const FileName = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (name) => name.isWellFormed() && !/[\p{Cc}/\\]/u.test(name),
    'a file name has no path and no control characters',
  )

const Base64 = z
  .base64()
  .max(Math.ceil(contentBytesMax / 3) * 4, `a content has at most ${contentBytesMax} bytes`)
  .refine((text) => bytesIn(text) <= contentBytesMax, `a content has at most ${contentBytesMax} bytes`)

/** An attachment without its content. `mediaType` is what the sender claims; moderation checks it. */
export const AttachmentMeta = z.object({
  attachmentId: Id,
  roomId: Id,
  memberId: Id,
  fileName: FileName,
  mediaType: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.+-]{0,62}\/[a-z0-9][a-z0-9.+-]{0,62}$/, 'a media type is written as "image/png"'),
})

/** An attachment was added. The event has its id and its room; the rest is looked up. */
export const AttachmentAdded = defineEvent('chat.attachment-added', { owner: 'attachments', pattern: 'notification' })
  .version(1, z.object({ attachmentId: Id, roomId: Id }))
  .key((added) => added.attachmentId)

/** Adds an attachment. The same input again changes nothing. Rejects another one with the same id: `already-added`. */
export const AddAttachment = defineCommand('add-attachment', {
  expose: true,
  input: AttachmentMeta.extend({ content: Base64 }),
  key: (added) => added.attachmentId,
})

/** An attachment as everybody may see it. */
export const AttachmentView = AttachmentMeta.extend({
  bytes: z.int().nonnegative(),
  addedAt: Moment,
  verdict: z.enum(['pending', 'allowed', 'refused']),
  /** The reasons why it was refused, for people; empty otherwise. */
  reasons: z.array(z.string()),
  /** Base64; `null` unless it was allowed. */
  content: z.string().nullable(),
})

/** One attachment. It has its content only after it was allowed. */
export const AttachmentById = defineQuery('attachment-by-id', {
  owner: 'attachments',
  expose: true,
  input: z.object({ attachmentId: Id }),
  output: AttachmentView,
})

/** The files of a room, live, without their contents: the newest 200, with their verdicts. */
export const RoomAttachments = defineLiveQuery('room-attachments', {
  owner: 'attachments',
  expose: true,
  input: z.object({ roomId: Id }),
  row: AttachmentView.omit({ content: true }),
})

/** An attachment with its content. Internal: only moderation looks it up. Not found after it was refused. */
export const AttachmentToJudge = defineQuery('attachment-to-judge', {
  owner: 'attachments',
  input: z.object({ attachmentId: Id }),
  output: AttachmentMeta.extend({ content: z.string() }),
})

/** The number of bytes that a base64 text encodes. */
export function bytesIn(base64: string): number {
  return (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0)
}
