// What others may know of `reviews`: that one was submitted, with its score. Its text stays here and is looked up.
import { defineCommand, defineEvent, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment } from '../words.ts'

/** Which review is meant: it takes both ids, for one survey can be answered for several orders. */
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

/** A review was submitted. Says which and how good; what it says is looked up. */
export const ReviewSubmitted = defineEvent('shop.review-submitted', { owner: 'reviews', pattern: 'notification' })
  .version(1, ReviewKey.extend({ score: z.int().min(1).max(5) }))
  .key(reviewKeyOf)

/** Submits a review; it occurs when the customer answers. */
export const SubmitReview = defineCommand('submit-review', { input: Review, key: reviewKeyOf })

/** What a review says. */
export const ReviewText = defineQuery('review-text', {
  owner: 'reviews',
  input: ReviewKey,
  output: z.object({ title: z.string(), text: z.string() }),
})
