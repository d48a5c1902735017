// `support` alone: a case for each review of 1 or 2, with the text that was looked up.
import { given } from '@tidings/testing'
import { TidingsError } from 'tidings'
import { test } from 'vitest'
import { ReviewSubmitted, ReviewText } from '../services/reviews/contract.ts'
import { SupportCaseById, SupportCaseOpened, SupportCasesOfOrder } from '../services/support/contract.ts'
import support from '../services/support/index.ts'

const review = { reviewId: 'r1', orderId: 'o1' }
const at = new Date('2017-01-22T08:00:00Z')
const openedAt = at.toISOString()
const opened = { caseId: 'r1/o1', ...review, score: 2, title: '', text: 'It came broken.', openedAt }

test('a review of 1 or 2 becomes a case with the text that was looked up', async () => {
  await given(support)
    .lookups(ReviewText, () => ({ title: '', text: 'It came broken.' }))
    .when(ReviewSubmitted, { ...review, score: 2 }, { occurredAt: at })
    .then({
      published: [
        [SupportCaseOpened, { caseId: 'r1/o1', orderId: 'o1', score: 2, withText: true }, { occurredAt: at }],
      ],
      tables: { cases: [opened] },
    })
})

test.each([
  ['blank', () => ({ title: 'Broken', text: ' \n' })],
  ['gone', () => undefined],
])('a review whose text is %s becomes a case without text', async (_, answer) => {
  await given(support)
    .lookups(ReviewText, answer)
    .when(ReviewSubmitted, { ...review, score: 1 })
    .then({ published: [[SupportCaseOpened, { caseId: 'r1/o1', orderId: 'o1', score: 1, withText: false }]] })
})

test('a review of 3 or more opens no case, and nothing is looked up', async () => {
  for (const score of [3, 4, 5])
    await given(support)
      .when(ReviewSubmitted, { ...review, score })
      .thenNothing()
})

test('support waits for reviews: a failed lookup opens no case', async () => {
  await given(support)
    .lookups(ReviewText, () => {
      throw new TidingsError('LOOKUP_UNAVAILABLE', 'Service reviews does not run.')
    })
    .when(ReviewSubmitted, { ...review, score: 1 })
    .thenFails('LOOKUP_UNAVAILABLE')
})

test('cases are found by their id and by their order', async () => {
  const asked = given(support).tables({ cases: [opened] })
  await asked.when(SupportCaseById, { caseId: 'r1/o1' }).thenAnswers(opened)
  await asked.when(SupportCaseById, { caseId: 'r1/o2' }).thenGone()
  await asked.when(SupportCasesOfOrder, { orderId: 'o1' }).thenAnswers([opened])
})
