// Rows that cannot be read, from the command line to the report: each is rejected with its line and a reason, and the import goes on.
import { expect, test } from 'vitest'
import { expectedReport } from './oracle.ts'
import { readReport, runShop, temporaryFolder } from './run-shop.ts'
import { type SmallOrders, smallOrders, writeOrders } from './small-orders.ts'

test('broken rows of every kind are rejected, and the report covers all others', async () => {
  using folder = temporaryFolder()
  const orders = smallOrders()
  orders.customers.push('c3,p3,01310', 'c3,p3,1,x,SP')
  orders.orders.push(
    'o3,c3,created,2017-01-06 10:00:00,,,,2017-02-01 00:00:00',
    'o4,c1,shipped,2017-02-30 10:00:00,,,,',
  )
  orders.items.push('o3,1,x,s1,2017-01-09 00:00:00,-1.00,0.10', 'o9,1,x,s1,2017-01-09 00:00:00,1.00,0.10')
  orders.payments.push('o1,3,voucher,1,1.2.3', 'o4,1,boleto,1,5.00', '')
  orders.reviews.push('r9,o1,7,,,2017-01-03 00:00:00,2017-01-04 07:00:00', 'r9,o1,5,,"open,2017-01-03 00:00:00')
  using broken = writeOrders(orders)

  const words = ['--orders', broken.folder, '--report', folder.path('report.json'), '--data', folder.path('data')]
  expect(await runShop(...words).ended).toMatchObject({ code: 0 })

  const whole: SmallOrders = smallOrders()
  whole.customers.push('c3,p3,1,x,SP')
  whole.orders.push('o3,c3,created,2017-01-06 10:00:00,,,,2017-02-01 00:00:00')
  using sound = writeOrders(whole)
  expect(readReport(folder.path('report.json'))).toEqual({
    ...expectedReport(sound.folder),
    rejected: [
      ['customers', 4, 'the row has 3 fields, the header has 5'],
      ['order_items', 5, 'price is -1.00; it must not be negative'],
      ['order_items', 6, 'order o9 is unknown, or its row was rejected'],
      ['order_payments', 5, 'payment_value is "1.2.3", which is not an amount of money'],
      ['order_payments', 6, 'order o4 is unknown, or its row was rejected'],
      ['order_reviews', 6, 'review_score is "7"; it must be a whole number from 1 to 5'],
      ['order_reviews', 7, 'a quote is never closed'],
      ['orders', 5, 'order_purchase_timestamp is "2017-02-30 10:00:00", which is not a date and time'],
    ].map(([file, line, reason]) => ({ file: `olist_${file}_dataset.csv`, line, reason })),
  })
}, 30_000)

test('a row that a service refuses is in the report, and the import goes on', async () => {
  using folder = temporaryFolder()
  const words = ['--data', folder.path('data'), '--report', folder.path('report.json')]
  const orders = smallOrders()
  using first = writeOrders(orders)
  expect(await runShop('--orders', first.folder, ...words).ended).toMatchObject({ code: 0 })

  // The same rows in another version of the files: what was recorded does not change.
  orders.payments[1] = 'o1,2,voucher,1,99.00'
  orders.customers[1] = 'c1,p1,99999,elsewhere,RJ'
  using changed = writeOrders(orders)
  expect(await runShop('--orders', changed.folder, ...words).ended).toMatchObject({ code: 0 })
  const reason = 'The idempotency key was used before for another input.'
  expect(readReport(folder.path('report.json'))).toEqual({
    ...expectedReport(first.folder),
    rejected: [
      { file: 'olist_customers_dataset.csv', line: 2, reason },
      { file: 'olist_order_payments_dataset.csv', line: 2, reason },
    ],
  })
}, 30_000)

test('a folder without the files of orders is an error before anything is sent', async () => {
  using folder = temporaryFolder()
  const words = ['--report', folder.path('report.json'), '--data', folder.path('data')]
  const { code, output } = await runShop('--orders', folder.path('none'), ...words).ended
  expect({ code, output }).toEqual({
    code: 1,
    output: expect.stringContaining('olist_customers_dataset.csv cannot be read'),
  })
})
