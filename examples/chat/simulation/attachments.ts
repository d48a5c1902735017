// What must hold for attachments: each gets one correct verdict, and its content is shown only if it was allowed.
import { defineInvariant } from '@tidings/testing'
import { AttachmentAdded, AttachmentById } from '../services/attachments/contract.ts'
import attachments from '../services/attachments/index.ts'
import { AttachmentJudged, VerdictOnAttachment } from '../services/moderation/contract.ts'
import { judge } from '../services/moderation/judge.ts'
import { files } from './files.ts'

/** Moderation publishes one verdict for each attachment, and `attachments` follows it. */
export const oneVerdictEach = defineInvariant(
  'each attachment has one verdict, the correct one, and is shown accordingly',
  async ({ events, rows, query }) => {
    const judged = Map.groupBy(await events(AttachmentJudged), ({ key }) => key)
    const kept = new Set((await rows(attachments, 'contents')).map(({ attachmentId }) => attachmentId))
    for (const { key } of await events(AttachmentAdded)) {
      const [first, ...more] = judged.get(key) ?? []
      if (first?.data === undefined || more.length > 0) return `${key} has ${more.length + (first ? 1 : 0)} verdicts`
      const { verdict } = first.data
      const shown = await query(AttachmentById, { attachmentId: key })
      const file = files.find(({ fileName }) => fileName === shown?.fileName)
      const correct = file !== undefined && judge(file).length === 0 ? 'allowed' : 'refused'
      if (verdict !== correct) return `${key}, ${file?.fileName}, is ${verdict}; it should be ${correct}`
      const known = await query(VerdictOnAttachment, { attachmentId: key })
      if (known?.verdict !== verdict) return `${key} was published as ${verdict}, but moderation has ${known?.verdict}`
      if (shown?.verdict !== verdict) return `${key} is ${verdict}, but attachments has ${shown?.verdict}`
      const isShown = shown.content !== null
      if (isShown !== (verdict === 'allowed'))
        return `${key} is ${verdict}, but its content is ${isShown ? 'shown' : 'hidden'}`
      const isStored = kept.has(key)
      if (isStored !== (verdict === 'allowed'))
        return `${key} is ${verdict}, but its content is ${isStored ? 'stored' : 'gone'}`
    }
    return undefined
  },
)
