// `customers`, `payments` and `reviews` alone: each input is published once, and the same input again changes nothing.
import { given } from '@tidings/testing'
import { expect, test } from 'vitest'
import { CustomerById, CustomerChanged, RegisterCustomer } from '../services/customers/contract.ts'
import customers from '../services/customers/index.ts'
import { ApprovePayment, PaymentApproved, PaymentRecorded, RecordPayment } from '../services/payments/contract.ts'
import payments from '../services/payments/index.ts'
import { ReviewSubmitted, ReviewText, SubmitReview } from '../services/reviews/contract.ts'
import reviews from '../services/reviews/index.ts'

const customer = { customerId: 'c1', personId: 'p1', zipCode: '01310', city: 'sao paulo', state: 'SP' }
const payment = { orderId: 'o1', sequence: 1, type: 'boleto', installments: 1, cents: 0 }
const review = {
  reviewId: 'r1',
  orderId: 'o1',
  score: 5,
  title: '',
  text: 'Thanks!',
  askedAt: '2017-01-21T00:00:00.000Z',
}

test('a customer’s whole state is published when it changes', async () => {
  const known = given(customers).tables({ customers: [customer] })
  await given(customers)
    .when(RegisterCustomer, customer)
    .then({ published: [[CustomerChanged, customer]], tables: { customers: [customer] } })
  await known.when(RegisterCustomer, customer).thenNothing()
  const moved = { ...customer, city: 'campinas' }
  await known.when(RegisterCustomer, moved).then({ published: [[CustomerChanged, moved]] })
  await known.when(CustomerById, { customerId: 'c1' }).thenAnswers(customer)
  await known.when(CustomerById, { customerId: 'c2' }).thenGone()
  await given(customers)
    .when(RegisterCustomer, { ...customer, customerId: 'a/b' })
    .thenFails('INVALID_PAYLOAD')
})

test('a payment of any type and amount is recorded; another one with the same number is rejected', async () => {
  const recorded = given(payments).when(RecordPayment, payment)
  await recorded.then({ published: [[PaymentRecorded, payment]], tables: { payments: [payment] } })
  const known = given(payments).tables({ payments: [payment] })
  await known.when(RecordPayment, payment).thenNothing()
  await known.when(RecordPayment, { ...payment, cents: 1 }).thenRejected('already-recorded')
  await known.when(RecordPayment, { ...payment, sequence: 2, type: 'not_defined' }).then({
    published: [[PaymentRecorded, { ...payment, sequence: 2, type: 'not_defined' }]],
  })
  await known.when(RecordPayment, { ...payment, cents: -1 }).thenFails('INVALID_PAYLOAD')
})

test('an approval is published, also for an order without payments', async () => {
  const occurredAt = new Date('2017-01-05T10:30:00Z')
  await given(payments)
    .when(ApprovePayment, { orderId: 'o1' }, { occurredAt })
    .then({ published: [[PaymentApproved, { orderId: 'o1' }, { occurredAt }]] })
})

test('a review is published without its text, which can be looked up', async () => {
  const { reviewId, orderId, score, title, text } = review
  await given(reviews)
    .when(SubmitReview, review)
    .then({ published: [[ReviewSubmitted, { reviewId, orderId, score }]], tables: { reviews: [review] } })
  const known = given(reviews).tables({ reviews: [review] })
  await known.when(SubmitReview, review).thenNothing()
  await known.when(SubmitReview, { ...review, score: 1 }).thenRejected('already-submitted')
  await known.when(ReviewText, { reviewId, orderId }).thenAnswers({ title, text })
  await known.when(ReviewText, { reviewId, orderId: 'o2' }).thenGone()
  expect(Object.keys(reviews.tables)).toEqual(['reviews'])
})
