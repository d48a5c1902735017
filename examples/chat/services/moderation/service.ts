// What `moderation` owns and says: a verdict on each attachment. It hears that there is one and looks up what it is.
import { defineService, defineTable } from 'tidings'
import { Moment } from '../words.ts'
import { AttachmentJudged, Judgement } from './contract.ts'

const verdicts = defineTable('verdicts')
  .version(1, Judgement.extend({ judgedAt: Moment }))
  .key((verdict) => verdict.attachmentId)

export const moderation = defineService('moderation', {
  description: 'Judges what members attach, before anybody sees it.',
  publishes: [AttachmentJudged],
  tables: { verdicts },
})
