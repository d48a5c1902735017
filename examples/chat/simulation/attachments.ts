// What must hold of attachments: each is judged once, as it deserves, and shown only where it was allowed.
import { defineInvariant } from '@tidings/testing'
import { AttachmentAdded, AttachmentById } from '../services/attachments/contract.ts'
import attachments from '../services/attachments/index.ts'
import { AttachmentJudged, VerdictOnAttachment } from '../services/moderation/contract.ts'
import { judge } from '../services/moderation/judge.ts'
import { files } from './files.ts'

/** Moderation has one verdict for each attachment, and attachments keeps to it. */
export const oneVerdictEach = defineInvariant(
  'each attachment has one verdict, the one it deserves, and is shown accordingly',
  async ({ events, rows, query }) => {
    const judged = Map.groupBy(await events(AttachmentJudged), ({ key }) => key)
    const kept = new Set((await rows(attachments, 'contents')).map(({ attachmentId }) => attachmentId))
    for (const { key } of await events(AttachmentAdded)) {
      const [said, ...more] = judged.get(key) ?? []
      if (said?.data === undefined || more.length > 0) return `${key} has ${more.length + (said ? 1 : 0)} verdicts`
      const { verdict } = said.data
      const shown = await query(AttachmentById, { attachmentId: key })
      const file = files.find(({ fileName }) => fileName === shown?.fileName)
      const deserved = file !== undefined && judge(file).length === 0 ? 'allowed' : 'refused'
      if (verdict !== deserved) return `${key}, ${file?.fileName}, is ${verdict}; it should be ${deserved}`
      const known = await query(VerdictOnAttachment, { attachmentId: key })
      if (known?.verdict !== verdict) return `${key} was said to be ${verdict}, and moderation knows ${known?.verdict}`
      if (shown?.verdict !== verdict) return `${key} is ${verdict}, and attachments says ${shown?.verdict}`
      if ((shown.content !== null) !== (verdict === 'allowed'))
        return `the content of ${key}, ${verdict}, is shown or hidden`
      if (kept.has(key) !== (verdict === 'allowed')) return `the content of ${key}, ${verdict}, is kept or gone`
    }
    return undefined
  },
)
