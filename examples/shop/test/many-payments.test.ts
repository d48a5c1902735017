// Orders with many and with large payments, on SQLite: all of them are in the answers, and sums stay exact.
import { expect, test } from 'vitest'
import { readCents } from '../import/fields.ts'
import { startShop } from '../run/start-shop.ts'
import { RegisterCustomer } from '../services/customers/contract.ts'
import { ShopTotals } from '../services/insights/contract.ts'
import { PlaceOrder } from '../services/orders/contract.ts'
import { PaymentsOfOrder, RecordPayment } from '../services/payments/contract.ts'
import { itemCentsMax } from '../services/words.ts'
import { stepOf } from '../steps/step.ts'
import { temporaryFolder } from './run-shop.ts'

const config = `${import.meta.dirname}/../../../tidings.config.ts`
const occurredAt = Date.UTC(2017, 0, 5)

test('an order has all of its 150 payments, and totals over 100 payments of 999999999999.99 are exact', async () => {
  using folder = temporaryFolder()
  const { shop } = await startShop({ config, data: folder.path('data'), processes: false, instances: 1, port: 'any' })
  try {
    const pay = (orderId: string, sequence: number, cents: number) =>
      shop.send(
        stepOf(
          'payments',
          RecordPayment,
          { orderId, sequence, type: 'boleto', installments: 1, cents },
          { occurredAt, idempotencyKey: `${orderId}/${sequence}`, sequence: orderId },
        ),
      )
    for (let sequence = 1; sequence <= 150; sequence++) await pay('many', sequence, sequence)
    const { payments } = await shop.ask(PaymentsOfOrder, { orderId: 'many' })
    expect(payments.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))

    const large = readCents('payment_value', '999999999999.99')
    for (let sequence = 1; sequence <= 100; sequence++) await pay('large', sequence, large)
    await shop.settled(20_000)
    const { payments: paid } = await shop.ask(ShopTotals, {})
    const cents = String(99_999_999_999_999n * 100n + 11_325n)
    expect(paid).toEqual({ count: 250, cents, byType: { boleto: { count: 250, cents } } })
  } finally {
    await shop.close()
  }
}, 60_000)

test('an item may cost so much that the sum over an order stays exact, and no more', async () => {
  using folder = temporaryFolder()
  const { shop } = await startShop({ config, data: folder.path('data'), processes: false, instances: 1, port: 'any' })
  const place = (orderId: string, freightCents: number) => {
    const item = { productId: 'x', sellerId: 's1', priceCents: 1, freightCents, shipBy: '2017-01-09T00:00:00.000Z' }
    const items = Array.from({ length: 500 }, (_, index) => ({ itemNumber: index + 1, ...item }))
    const order = { orderId, customerId: 'c1', estimatedDeliveryAt: '2017-01-20T00:00:00.000Z', items }
    const step = { occurredAt, idempotencyKey: orderId, sequence: orderId }
    return shop.send(stepOf('orders', PlaceOrder, order, step))
  }
  try {
    const customer = { customerId: 'c1', personId: 'p1', zipCode: '01310', city: 'sao paulo', state: 'SP' }
    const registering = { occurredAt, idempotencyKey: 'c1', sequence: 'c1' }
    await shop.send(stepOf('customers', RegisterCustomer, customer, registering))
    expect(await place('o1', itemCentsMax)).toMatchObject({ accepted: true })
    expect(await place('o2', itemCentsMax + 1)).toMatchObject({ accepted: false })
    await shop.settled(20_000)
    expect((await shop.ask(ShopTotals, {})).freightCents).toBe(String(BigInt(itemCentsMax) * 500n))
    expect(await shop.countDeferred()).toBe(0)
  } finally {
    await shop.close()
  }
}, 60_000)
