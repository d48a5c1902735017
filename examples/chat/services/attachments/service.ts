// The service `attachments`: files, and whether they may be shown. Its events are small; others look up the rest.
import { defineService, defineTable } from 'tidings'
import { z } from 'zod'
import { AttachmentAdded, AttachmentView } from './contract.ts'

const attachmentTable = defineTable('attachments')
  .version(1, AttachmentView.omit({ content: true }))
  .key((attachment) => attachment.attachmentId)
  .index('roomId')

/** The contents, separate from the rows that lists and pages read. The content of a refused attachment is deleted. */
const contents = defineTable('contents')
  .version(1, z.object({ attachmentId: z.string(), content: z.string() }))
  .key((content) => content.attachmentId)

export const attachments = defineService('attachments', {
  description: 'Files that members add to their messages.',
  publishes: [AttachmentAdded],
  tables: { attachments: attachmentTable, contents },
})
