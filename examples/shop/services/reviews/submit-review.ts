// Submits a review, once: the same review again changes nothing, another one with the same ids is rejected.
import { reject } from 'tidings'
import { sameFields } from '../same-fields.ts'
import { ReviewSubmitted, reviewKeyOf, SubmitReview } from './contract.ts'
import { reviews } from './service.ts'

export const submitReview = reviews.command(
  SubmitReview,
  { publishes: [ReviewSubmitted] },
  async (review, { tables, publish }) => {
    const { reviewId, orderId, score } = review
    const known = await tables.reviews.get(reviewKeyOf(review))
    if (known !== undefined) {
      if (sameFields(known, review)) return undefined
      return reject(
        'already-submitted',
        `Review ${reviewId} of order ${orderId} was already submitted with other data.`,
      )
    }
    tables.reviews.put(review)
    publish(ReviewSubmitted, { reviewId, orderId, score })
    return undefined
  },
)
