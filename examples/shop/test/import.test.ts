// The import of files: every bad row is rejected, everything else is kept and merged in time order.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareImport } from '../import/index.ts'
import type { Step } from '../steps/step.ts'
import { type SmallOrders, smallOrders, writeOrders } from './small-orders.ts'

async function importOf(change: (orders: SmallOrders) => void = () => {}) {
  const orders = smallOrders()
  change(orders)
  using written = writeOrders(orders)
  return await prepareImport(written.folder)
}

const textOf = ({ idempotencyKey, occurredAt }: Step) =>
  `${new Date(occurredAt).toISOString().slice(0, 16)} ${idempotencyKey}`

test('steps are in time order, no step is before its order’s purchase, and each keeps its own time', async () => {
  const { steps, rejected } = await importOf()
  expect(rejected).toEqual([])
  expect(steps.map(textOf)).toEqual([
    '2017-01-05T10:00 olist/customer/c1',
    '2017-01-05T10:00 olist/order/o1/placed',
    '2017-01-05T10:00 olist/order/o1/payment/1',
    '2017-01-05T10:00 olist/order/o1/payment/2',
    '2017-01-05T10:30 olist/order/o1/approved',
    '2017-01-05T11:00 olist/customer/c2',
    '2017-01-05T11:00 olist/order/o2/placed',
    '2017-01-05T11:00 olist/order/o2/payment/1',
    // Their times are before the purchase: they follow right after it and keep their times.
    '2017-01-04T08:00 olist/order/o2/handed-over',
    '2017-01-04T07:00 olist/review/r1/o2',
    '2017-01-05T12:00 olist/order/o2/approved',
    // It has no time of its own: it follows right after the last known moment.
    '2017-01-05T12:00 olist/order/o2/status',
    '2017-01-06T09:00 olist/order/o1/handed-over',
    '2017-01-20T00:00 olist/order/o1/delivered',
    '2017-01-22T08:00 olist/review/r1/o1',
  ])
})

test('a step is a plain command of one service, with money in cents', async () => {
  const { steps } = await importOf()
  expect(steps.find(({ idempotencyKey }) => idempotencyKey === 'olist/order/o1/placed')).toEqual({
    service: 'orders',
    command: 'place-order',
    occurredAt: Date.UTC(2017, 0, 5, 10),
    idempotencyKey: 'olist/order/o1/placed',
    sequence: 'o1',
    input: {
      orderId: 'o1',
      customerId: 'c1',
      estimatedDeliveryAt: '2017-01-20T00:00:00.000Z',
      items: [
        {
          itemNumber: 1,
          productId: 'x',
          sellerId: 's1',
          priceCents: 3990,
          freightCents: 739,
          shipBy: '2017-01-09T00:00:00.000Z',
        },
        {
          itemNumber: 2,
          productId: 'x',
          sellerId: 's2',
          priceCents: 1000,
          freightCents: 50,
          shipBy: '2017-01-09T00:00:00.000Z',
        },
      ],
    },
  })
  expect(steps.find(({ idempotencyKey }) => idempotencyKey === 'olist/review/r1/o1')?.input).toMatchObject({
    score: 2,
    text: 'late,\nand "open"\n',
  })
})

test.each<[string, (orders: SmallOrders) => void, { file: string; line: number; reason: string }]>([
  [
    'too few fields',
    ({ items }) => items.push('o1,3'),
    { file: 'order_items', line: 5, reason: 'the row has 2 fields, the header has 7' },
  ],
  [
    'too many fields',
    ({ customers }) => customers.push('c3,p3,1,x,SP,'),
    { file: 'customers', line: 4, reason: 'the row has 6 fields, the header has 5' },
  ],
  [
    'an unknown order',
    ({ payments }) => payments.push('o9,1,boleto,1,1.00'),
    { file: 'order_payments', line: 5, reason: 'order o9 is unknown, or its row was rejected' },
  ],
  [
    'an unknown customer',
    ({ orders }) => orders.push('o3,c9,created,2017-01-05 10:00:00,,,,2017-01-20 00:00:00'),
    { file: 'orders', line: 4, reason: 'customer c9 is unknown, or its row was rejected' },
  ],
  [
    'an invalid date',
    ({ orders }) => orders.push('o3,c1,created,2017-02-30 10:00:00,,,,2017-01-20 00:00:00'),
    {
      file: 'orders',
      line: 4,
      reason: 'order_purchase_timestamp is "2017-02-30 10:00:00", which is not a date and time',
    },
  ],
  [
    'an unknown status',
    ({ orders }) => orders.push('o3,c1,lost,2017-01-05 10:00:00,,,,2017-01-20 00:00:00'),
    {
      file: 'orders',
      line: 4,
      reason:
        'order_status is "lost"; it must be one of created, approved, invoiced, processing, shipped, delivered, canceled, unavailable',
    },
  ],
  [
    'a negative price',
    ({ items }) => items.push('o1,3,x,s1,2017-01-09 00:00:00,-1.00,0.00'),
    { file: 'order_items', line: 5, reason: 'price is -1.00; it must not be negative' },
  ],
  [
    'a negative payment',
    ({ payments }) => payments.push('o1,3,voucher,1,-0.01'),
    { file: 'order_payments', line: 5, reason: 'payment_value is -0.01; it must not be negative' },
  ],
  [
    'a repeated item',
    ({ items }) => items.push('o1,1,x,s1,2017-01-09 00:00:00,1.00,0.00'),
    { file: 'order_items', line: 5, reason: 'item 1 of order o1 is already on line 3' },
  ],
  [
    'a repeated order',
    ({ orders }) => orders.push('o1,c1,created,2017-01-05 10:00:00,,,,2017-01-20 00:00:00'),
    { file: 'orders', line: 4, reason: 'order o1 is already on line 2' },
  ],
  [
    'a repeated review',
    ({ reviews }) => reviews.push('r1,o2,5,,,2017-01-03 00:00:00,2017-01-04 07:00:00'),
    { file: 'order_reviews', line: 6, reason: 'review r1 of order o2 is already on line 5' },
  ],
  [
    'a score above five',
    ({ reviews }) => reviews.push('r3,o1,6,,,2017-01-03 00:00:00,2017-01-04 07:00:00'),
    { file: 'order_reviews', line: 6, reason: 'review_score is "6"; it must be a whole number from 1 to 5' },
  ],
  [
    'a quote that is never closed',
    ({ reviews }) => reviews.push('r3,o1,5,,"oh,2017-01-03 00:00:00,2017-01-04 07:00:00'),
    { file: 'order_reviews', line: 6, reason: 'a quote is never closed' },
  ],
])(
  '%s: the row is rejected with its line and reason, and the import goes on',
  async (_, change, { file, line, reason }) => {
    const { steps, rejected } = await importOf(change)
    expect(rejected).toEqual([{ file: `olist_${file}_dataset.csv`, line, reason }])
    const whole = (await importOf()).steps.map(({ idempotencyKey }) => idempotencyKey)
    expect(steps.map(({ idempotencyKey }) => idempotencyKey)).toEqual(whole)
  },
)

test('every row of a rejected order is rejected, and its customer is still registered', async () => {
  const { steps, rejected } = await importOf(({ orders }) => {
    orders[2] = 'o2,c2,canceled,2017-01-05 11:00:00,soon,,,2017-02-01 00:00:00'
  })
  expect(rejected.map(({ file, line }) => [file, line])).toEqual([
    ['olist_orders_dataset.csv', 3],
    ['olist_order_items_dataset.csv', 4],
    ['olist_order_payments_dataset.csv', 4],
    ['olist_order_reviews_dataset.csv', 5],
  ])
  expect(steps.slice(0, 3).map(textOf)).toEqual([
    '2017-01-05T10:00 olist/customer/c2',
    '2017-01-05T10:00 olist/customer/c1',
    '2017-01-05T10:00 olist/order/o1/placed',
  ])
})

test('bytes that are not UTF-8 affect their own row only', async () => {
  using written = writeOrders(smallOrders())
  const rows = smallOrders().customers.join('\n')
  const bytes = Buffer.concat([Buffer.from(`${rows}\nc3,p3,1,s`), Buffer.from([0xe3]), Buffer.from('o paulo,SP\n')])
  writeFileSync(join(written.folder, 'olist_customers_dataset.csv'), bytes)
  expect((await prepareImport(written.folder)).rejected).toEqual([
    { file: 'olist_customers_dataset.csv', line: 4, reason: 'the row is not valid UTF-8' },
  ])
})

test('columns are found by their names, in any sequence', async () => {
  const { steps } = await importOf(({ customers }) => {
    customers.splice(
      0,
      3,
      'customer_state,customer_city,customer_zip_code_prefix,customer_unique_id,customer_id',
      'SP,sao paulo,01310,p1,c1',
      'RJ,rio,20040,p1,c2',
    )
  })
  expect(steps[0]?.input).toEqual({
    customerId: 'c1',
    personId: 'p1',
    zipCode: '01310',
    city: 'sao paulo',
    state: 'SP',
  })
})

test('a missing file and a file with wrong columns stop the import with a message', async () => {
  await expect(prepareImport('/nowhere')).rejects.toThrow(
    '--orders takes a folder with the CSV files of the Olist data set',
  )
  await expect(importOf(({ orders }) => orders.splice(0, 1, 'order_id,when'))).rejects.toThrow(
    'has no column customer_id, order_status',
  )
})
