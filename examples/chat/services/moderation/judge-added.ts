// An attachment was added: what it is is looked up at `attachments`, which moderation waits for where it does not answer.
import { AttachmentAdded, AttachmentToJudge } from '../attachments/contract.ts'
import { AttachmentJudged } from './contract.ts'
import { judge } from './judge.ts'
import { moderation } from './service.ts'

export const judgeAdded = moderation.on(
  AttachmentAdded,
  { publishes: [AttachmentJudged], lookups: [AttachmentToJudge] },
  async ({ attachmentId }, { tables, lookup, publish, occurredAt }) => {
    const attachment = await lookup(AttachmentToJudge, { attachmentId })
    // Gone before it was judged: there is nothing left to allow or to refuse.
    if (attachment === undefined) return
    const reasons = [...judge(attachment)]
    const verdict = reasons.length === 0 ? 'allowed' : 'refused'
    tables.verdicts.put({ attachmentId, verdict, reasons, judgedAt: occurredAt.toISOString() })
    publish(AttachmentJudged, { attachmentId, verdict, reasons })
  },
)
