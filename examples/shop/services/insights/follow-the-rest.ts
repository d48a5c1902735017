// Follows payments, parcels, reviews and cases: one row for each.
import { PaymentRecorded, paymentIdOf } from '../payments/contract.ts'
import { ReviewSubmitted, reviewKeyOf } from '../reviews/contract.ts'
import { ParcelDelivered, ParcelDispatched } from '../shipping/contract.ts'
import { SupportCaseOpened } from '../support/contract.ts'
import { insights } from './service.ts'

export const followPayments = insights
  .projection('payments', { writes: ['payments'] })
  .on(PaymentRecorded, (payment, { tables }) => {
    const { orderId, type, cents } = payment
    tables.payments.put({ paymentId: paymentIdOf(payment), orderId, type, cents })
  })

export const followParcels = insights
  .projection('parcels', { writes: ['parcels'] })
  .on(ParcelDispatched, async ({ parcelId }, { tables }) => {
    const known = await tables.parcels.get(parcelId)
    tables.parcels.put({ parcelId, dispatched: 1, delivered: known?.delivered ?? 0 })
  })
  .on(ParcelDelivered, async ({ parcelId }, { tables }) => {
    const known = await tables.parcels.get(parcelId)
    tables.parcels.put({ parcelId, dispatched: known?.dispatched ?? 0, delivered: 1 })
  })

export const followReviews = insights
  .projection('reviews', { writes: ['reviews'] })
  .on(ReviewSubmitted, (review, { tables }) => {
    tables.reviews.put({ reviewKey: reviewKeyOf(review), score: review.score })
  })

export const followCases = insights
  .projection('cases', { writes: ['cases'] })
  .on(SupportCaseOpened, ({ caseId, withText }, { tables }) => {
    tables.cases.put({ caseId, withText: withText ? 1 : 0 })
  })
