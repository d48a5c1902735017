// Answers with the verdict on an attachment.
import { VerdictOnAttachment } from './contract.ts'
import { moderation } from './service.ts'

export const verdictOnAttachment = moderation.query(VerdictOnAttachment, ({ attachmentId }, { tables }) =>
  tables.verdicts.get(attachmentId),
)
