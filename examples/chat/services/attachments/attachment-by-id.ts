// Answers with an attachment: for everybody, with its content only if it was allowed; and for moderation, with its content.
import { AttachmentById, AttachmentToJudge } from './contract.ts'
import { attachments } from './service.ts'

export const attachmentById = attachments.query(AttachmentById, async ({ attachmentId }, { tables }) => {
  const known = await tables.attachments.get(attachmentId)
  if (known === undefined) return undefined
  const kept = known.verdict === 'allowed' ? await tables.contents.get(attachmentId) : undefined
  return { ...known, content: kept?.content ?? null }
})

export const attachmentToJudge = attachments.query(AttachmentToJudge, async ({ attachmentId }, { tables }) => {
  const known = await tables.attachments.get(attachmentId)
  const kept = await tables.contents.get(attachmentId)
  if (known === undefined || kept === undefined) return undefined
  const { roomId, memberId, fileName, mediaType } = known
  return { attachmentId, roomId, memberId, fileName, mediaType, content: kept.content }
})
