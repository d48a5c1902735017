// Stores the verdict of moderation on an attachment, and deletes the content of a refused one.
import { AttachmentJudged } from '../moderation/contract.ts'
import { attachments } from './service.ts'

export const keepVerdict = attachments.on(
  AttachmentJudged,
  {},
  async ({ attachmentId, verdict, reasons }, { tables }) => {
    const known = await tables.attachments.get(attachmentId)
    if (known === undefined) return
    tables.attachments.put({ ...known, verdict, reasons })
    if (verdict === 'refused') tables.contents.remove(attachmentId)
  },
)
