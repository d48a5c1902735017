// Checks the oracle against known figures of the sample, and against a data set that is small enough to work out by hand.
import { expect, test } from 'vitest'
import { expectedReport } from './oracle.ts'
import { ordersFolder } from './orders-folder.ts'
import { smallOrders, writeOrders } from './small-orders.ts'

test('two orders, worked out by hand', () => {
  using written = writeOrders(smallOrders())
  expect(expectedReport(written.folder)).toEqual({
    orders: { delivered: 1, canceled: 1 },
    payments: {
      count: 3,
      cents: '16979',
      byType: {
        voucher: { count: 1, cents: '1779' },
        credit_card: { count: 1, cents: '4000' },
        boleto: { count: 1, cents: '11200' },
      },
    },
    freightCents: '1989',
    parcels: { dispatched: 3, delivered: 2 },
    late: { count: 1, byState: { SP: 1 } },
    revenueByMonth: { '2017-01': '16979' },
    reviews: { '1': 1, '2': 1 },
    support: { cases: 2, withText: 1 },
    events: {
      'shop.customer-changed': 2,
      'shop.order-placed': 2,
      'shop.order-approved': 2,
      'shop.order-handed-over': 2,
      'shop.order-delivered': 1,
      'shop.order-status-set': 1,
      'shop.payment-recorded': 3,
      'shop.payment-approved': 2,
      'shop.shipment-handed-over': 2,
      'shop.shipment-delivered': 1,
      'shop.parcel-dispatched': 3,
      'shop.parcel-delivered': 2,
      'shop.review-submitted': 2,
      'shop.support-case-opened': 2,
    },
    deadLetters: 0,
    rejected: [],
  })
})

test('the real orders have the known figures', () => {
  const report = expectedReport(ordersFolder())
  expect(report.orders).toEqual({
    delivered: 2904,
    shipped: 38,
    canceled: 24,
    unavailable: 17,
    invoiced: 9,
    processing: 8,
  })
  expect(report.payments).toMatchObject({ count: 3170, cents: '46808737' })
  expect(report.payments.byType.not_defined).toEqual({ count: 1, cents: '0' })
  expect(report.parcels).toEqual({ dispatched: 2994, delivered: 2952 })
  expect(report.late.count).toBe(231)
  expect(report.reviews).toEqual({ '1': 355, '2': 98, '3': 247, '4': 576, '5': 1717 })
  expect(report.support).toEqual({ cases: 453, withText: 340 })
})
