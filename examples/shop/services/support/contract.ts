// The contract of `support`: that a case was opened, and whether the review has a text.
import { defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment, PairId } from '../words.ts'

/** A case: one review of 1 or 2. */
export const SupportCase = z.object({
  /** The key of the review. */
  caseId: PairId,
  reviewId: Id,
  orderId: Id,
  score: z.int().min(1).max(2),
  title: z.string(),
  /** The text of the review, as looked up; empty if there is none. */
  text: z.string(),
  openedAt: Moment,
})

/** A case was opened. */
export const SupportCaseOpened = defineEvent('shop.support-case-opened', { owner: 'support', pattern: 'notification' })
  .version(1, z.object({ caseId: PairId, orderId: Id, score: z.int(), withText: z.boolean() }))
  .key((opened) => opened.caseId)

/** One case. */
export const SupportCaseById = defineQuery('support-case', {
  owner: 'support',
  expose: true,
  input: z.object({ caseId: PairId }),
  output: SupportCase,
})

/** The cases of an order. */
export const SupportCasesOfOrder = defineQuery('support-cases-of-order', {
  owner: 'support',
  expose: true,
  input: z.object({ orderId: Id }),
  output: z.array(SupportCase),
})
