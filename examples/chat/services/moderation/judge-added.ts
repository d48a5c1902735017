// Judges an added attachment. Its content is looked up at `attachments`: while that service is down, moderation waits.
import { AttachmentAdded, AttachmentToJudge } from '../attachments/contract.ts'
import { AttachmentJudged } from './contract.ts'
import { judge } from './judge.ts'
import { moderation } from './service.ts'

export const judgeAdded = moderation.on(
  AttachmentAdded,
  { publishes: [AttachmentJudged], lookups: [AttachmentToJudge] },
  async ({ attachmentId }, { tables, lookup, publish, occurredAt }) => {
    const attachment = await lookup(AttachmentToJudge, { attachmentId })
    // The attachment no longer exists, so there is nothing to judge.
    if (attachment === undefined) return
    const reasons = [...judge(attachment)]
    const verdict = reasons.length === 0 ? 'allowed' : 'refused'
    tables.verdicts.put({ attachmentId, verdict, reasons, judgedAt: occurredAt.toISOString() })
    publish(AttachmentJudged, { attachmentId, verdict, reasons })
  },
)
