// What `attachments` owns and says: what was added, and whether it may be shown. It says that there is one; the rest is looked up.
import { defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { AttachmentAdded, AttachmentView } from './contract.ts'

const attachmentTable = defineTable('attachments')
  .version(1, AttachmentView.omit({ content: true }))
  .key((attachment) => attachment.attachmentId)
  .index('roomId')

/** The contents, beside the rows that lists and pages read. A refused one is not kept. */
const contents = defineTable('contents')
  .version(1, z.object({ attachmentId: z.string(), content: z.string() }))
  .key((content) => content.attachmentId)

export const attachments = defineService('attachments', {
  description: 'Files that members add to what they say.',
  publishes: [AttachmentAdded],
  tables: { attachments: attachmentTable, contents },
})
