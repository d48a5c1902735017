// Opens a case for a review of 1 or 2. Its text is looked up at `reviews`: while that service is down, support waits.
import { ReviewSubmitted, ReviewText, reviewKeyOf } from '../reviews/contract.ts'
import { SupportCaseOpened } from './contract.ts'
import { support } from './service.ts'

export const openCase = support.on(
  ReviewSubmitted,
  { publishes: [SupportCaseOpened], lookups: [ReviewText] },
  async ({ reviewId, orderId, score }, { tables, lookup, publish, occurredAt }) => {
    if (score > 2) return
    const caseId = reviewKeyOf({ reviewId, orderId })
    // If the review no longer exists, the case has no text.
    const { title, text } = (await lookup(ReviewText, { reviewId, orderId })) ?? { title: '', text: '' }
    tables.cases.put({ caseId, reviewId, orderId, score, title, text, openedAt: occurredAt.toISOString() })
    publish(SupportCaseOpened, { caseId, orderId, score, withText: text.trim() !== '' })
  },
)
