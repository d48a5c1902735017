// The contract of `moderation`: its verdict on each attachment.
import { defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

/** A verdict and, if it is a refusal, its reasons, for people. */
export const Judgement = z.object({
  attachmentId: Id,
  verdict: z.enum(['allowed', 'refused']),
  reasons: z.array(z.string()),
})

/** An attachment was judged. */
export const AttachmentJudged = defineEvent('chat.attachment-judged', { owner: 'moderation', pattern: 'notification' })
  .version(1, Judgement)
  .key((judgement) => judgement.attachmentId)

/** The verdict on one attachment. */
export const VerdictOnAttachment = defineQuery('verdict-on-attachment', {
  owner: 'moderation',
  expose: true,
  input: z.object({ attachmentId: Id }),
  output: Judgement.extend({ judgedAt: Moment }),
})
