// The service `moderation`: a verdict on each attachment, whose content it looks up.
import { defineService, defineTable } from 'tidings'
import { Moment } from '../words.ts'
import { AttachmentJudged, Judgement } from './contract.ts'

const verdicts = defineTable('verdicts')
  .version(1, Judgement.extend({ judgedAt: Moment }))
  .key((verdict) => verdict.attachmentId)

export const moderation = defineService('moderation', {
  description: 'Judges attachments before anybody sees them.',
  publishes: [AttachmentJudged],
  tables: { verdicts },
})
