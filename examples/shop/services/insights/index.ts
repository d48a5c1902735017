// The service `insights`.
import { followOrders } from './follow-orders.ts'
import { followCases, followParcels, followPayments, followReviews } from './follow-the-rest.ts'
import { handOverWaits } from './hand-over-waits.ts'
import { insights } from './service.ts'
import { shopTotals } from './shop-totals.ts'
import { statusesOnDay } from './statuses-on-day.ts'

export default insights.with({
  followOrders,
  followPayments,
  followParcels,
  followReviews,
  followCases,
  shopTotals,
  statusesOnDay,
  handOverWaits,
})
