// The read models of `insights`, whichever event comes first, and its answers about the past, on SQLite.
import { given } from '@tidings/testing'
import { expect, test } from 'vitest'
import { importOrders } from '../run/import-orders.ts'
import { startShop } from '../run/start-shop.ts'
import { LiveLine } from '../run/terminal.ts'
import { HandOverWaits, StatusesOnDay } from '../services/insights/contract.ts'
import insights from '../services/insights/index.ts'
import { OrderAt, OrderDelivered, OrderHandedOver, OrderPlaced } from '../services/orders/contract.ts'
import { ParcelDelivered, ParcelDispatched } from '../services/shipping/contract.ts'
import { temporaryFolder } from './run-shop.ts'
import { smallOrders, writeOrders } from './small-orders.ts'

const at = (day: number) => ({ occurredAt: new Date(Date.UTC(2017, 0, day)) })
const time = (day: number) => Date.UTC(2017, 0, day)

test('the events of an order build its row and its history', async () => {
  const { month, ...known } = {
    month: '2017-01',
    orderId: 'o1',
    customerId: 'c1',
    approvedAt: null,
    approvedMonth: null,
  }
  await given(insights, 'orders')
    .events([
      [
        OrderPlaced,
        {
          orderId: 'o1',
          customerId: 'c1',
          status: 'created',
          estimatedDeliveryAt: '2017-01-20T00:00:00.000Z',
          items: [
            {
              itemNumber: 1,
              productId: 'x',
              sellerId: 's',
              priceCents: 9,
              freightCents: 4,
              shipBy: '2017-01-09T00:00:00.000Z',
            },
          ],
        },
        at(1),
      ],
      [OrderHandedOver, { orderId: 'o1', status: 'shipped' }, at(6)],
      [OrderDelivered, { orderId: 'o1', status: 'delivered' }, at(12)],
    ])
    .then({
      orders: [
        {
          ...known,
          month,
          status: 'delivered',
          estimatedAt: time(20),
          freightCents: 4,
          handedOverAt: time(6),
          deliveredAt: time(12),
        },
      ],
      history: [
        { changeId: `o1/${time(1)}/1/created`, orderId: 'o1', at: time(1), status: 'created', rank: 1 },
        { changeId: `o1/${time(12)}/4/delivered`, orderId: 'o1', at: time(12), status: 'delivered', rank: 4 },
        { changeId: `o1/${time(6)}/3/shipped`, orderId: 'o1', at: time(6), status: 'shipped', rank: 3 },
      ],
    })
})

test('a parcel counts once as dispatched and once as delivered, whichever event comes first', async () => {
  const parcel = { parcelId: 'o1/s1', orderId: 'o1', sellerId: 's1' }
  await given(insights, 'parcels')
    .events([
      [ParcelDispatched, { ...parcel, toState: 'SP' }],
      [ParcelDelivered, parcel],
    ])
    .inAnyOrder()
    .then({ parcels: [{ parcelId: 'o1/s1', dispatched: 1, delivered: 1 }] })
})

test('questions about the past, which a table of current states cannot answer', async () => {
  using folder = temporaryFolder()
  using written = writeOrders(smallOrders())
  const config = `${import.meta.dirname}/../../../tidings.config.ts`
  const start = async () =>
    (await startShop({ config, data: folder.path('data'), processes: false, instances: 1, port: 'any' })).shop
  const silent = new LiveLine({ write: () => true })
  const never = new AbortController().signal
  const { shop } = await importOrders({ folder: written.folder, start, progress: silent, signal: never })
  try {
    const onDay = (day: string) => shop.ask(StatusesOnDay, { day })
    expect(await onDay('2017-01-04')).toEqual({})
    expect(await onDay('2017-01-05')).toEqual({ approved: 1, canceled: 1 })
    expect(await onDay('2017-01-06')).toEqual({ canceled: 1, shipped: 1 })
    expect(await onDay('2017-01-20')).toEqual({ canceled: 1, delivered: 1 })
    expect(await shop.ask(HandOverWaits, {})).toEqual([
      { month: '2017-01', orders: 2, waitHours: 11.3, handedOverFirst: 1 },
    ])
    const asked = { orderId: 'o1', at: '2017-01-05T23:00:00.000Z' }
    expect(await shop.ask(OrderAt, asked)).toMatchObject({ status: 'approved', handedOverAt: null, items: [{}, {}] })
  } finally {
    await shop.close()
  }
}, 30_000)
