// Adds an attachment, once: the same one again changes nothing, another one with the same id is rejected. Nobody sees its content yet.
import { reject } from 'tidings'
import { AddAttachment, AttachmentAdded, bytesIn } from './contract.ts'
import { attachments } from './service.ts'

const names = ['roomId', 'memberId', 'fileName', 'mediaType', 'bytes'] as const

export const addAttachment = attachments.command(
  AddAttachment,
  { publishes: [AttachmentAdded] },
  async ({ content, ...meta }, { tables, publish, occurredAt }) => {
    const { attachmentId, roomId } = meta
    const bytes = bytesIn(content)
    const known = await tables.attachments.get(attachmentId)
    if (known !== undefined) {
      // The content of a refused attachment is deleted and cannot be compared.
      const kept = await tables.contents.get(attachmentId)
      const isSame = names.every((name) => known[name] === { ...meta, bytes }[name])
      if (isSame && (kept === undefined || kept.content === content)) return undefined
      return reject('already-added', `Attachment ${attachmentId} was already added with other data.`)
    }
    const addedAt = occurredAt.toISOString()
    tables.attachments.put({ ...meta, bytes, addedAt, verdict: 'pending', reasons: [] })
    tables.contents.put({ attachmentId, content })
    publish(AttachmentAdded, { attachmentId, roomId })
    return undefined
  },
)
