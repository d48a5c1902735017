// The service `attachments`.
import { addAttachment } from './add-attachment.ts'
import { attachmentById, attachmentToJudge } from './attachment-by-id.ts'
import { keepVerdict } from './keep-verdict.ts'
import { liveAttachments } from './live-attachments.ts'
import { attachments } from './service.ts'

export default attachments.with({ addAttachment, keepVerdict, attachmentById, attachmentToJudge, liveAttachments })
