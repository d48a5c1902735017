// Submits a review, once: the same again changes nothing, another under the same ids is refused.
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
        `Review ${reviewId} of order ${orderId} was submitted before, and differently.`,
      )
    }
    tables.reviews.put(review)
    publish(ReviewSubmitted, { reviewId, orderId, score })
    return undefined
  },
)
