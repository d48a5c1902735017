// The service `reviews`.
import { reviewText } from './review-text.ts'
import { reviews } from './service.ts'
import { submitReview } from './submit-review.ts'

export default reviews.with({ submitReview, reviewText })
