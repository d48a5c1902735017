// Answers with the text of a review.
import { ReviewText, reviewKeyOf } from './contract.ts'
import { reviews } from './service.ts'

export const reviewText = reviews.query(ReviewText, async (key, { tables }) => {
  const review = await tables.reviews.get(reviewKeyOf(key))
  return review === undefined ? undefined : { title: review.title, text: review.text }
})
