// The contract of `reviews`: that one was submitted, with its score. Its text is not in the event; others look it up.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

/** The ids of a review. It takes both, because one survey can be answered for several orders. */
export const ReviewKey = z.object({ reviewId: Id, orderId: Id })

/** The key of a review. */
export const reviewKeyOf = (review: { readonly reviewId: string; readonly orderId: string }): string =>
  `${review.reviewId}/${review.orderId}`

/** A customer's review of one order. */
export const Review = ReviewKey.extend({
  /** 1 is the worst, 5 the best. */
  score: z.int().min(1).max(5),
  /** May be empty. */
  title: z.string().max(10_000),
  /** May be empty. */
  text: z.string().max(10_000),
  /** When the customer was asked. */
  askedAt: Moment,
})

/** A review was submitted. The event has its ids and its score; its text is looked up. */
export const ReviewSubmitted = defineEvent('shop.review-submitted', { owner: 'reviews', pattern: 'notification' })
  .version(1, ReviewKey.extend({ score: z.int().min(1).max(5) }))
  .key(reviewKeyOf)

/** Submits a review; it occurred when the customer answered. */
export const SubmitReview = defineCommand('submit-review', { expose: true, input: Review, key: reviewKeyOf })

/** The text of a review. Internal: `support` looks it up. */
export const ReviewText = defineQuery('review-text', {
  owner: 'reviews',
  input: ReviewKey,
  output: z.object({ title: z.string(), text: z.string() }),
})
