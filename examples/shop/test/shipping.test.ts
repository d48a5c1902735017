// `shipping` alone: parcels are dispatched when both the order and its hand-over are known, whichever came first.
import { given } from '@tidings/testing'
import { test } from 'vitest'
import { OrderPlaced } from '../services/orders/contract.ts'
import {
  DeliverShipment,
  HandOverShipment,
  ParcelDelivered,
  ParcelDispatched,
  ParcelsOfOrder,
  ShipmentDelivered,
  ShipmentHandedOver,
} from '../services/shipping/contract.ts'
import shipping from '../services/shipping/index.ts'
import { prepareParcels } from '../services/shipping/prepare-parcels.ts'

const at = (day: number) => new Date(Date.UTC(2017, 0, day))
const iso = (day: number) => at(day).toISOString()
const customer = { customerId: 'c1', personId: 'p1', zipCode: '01310', city: 'sao paulo', state: 'SP' }
const to = { zipCode: '01310', city: 'sao paulo', state: 'SP' }
const item = (itemNumber: number, sellerId: string) => {
  return { itemNumber, productId: 'x', sellerId, priceCents: 1_000, freightCents: 100, shipBy: iso(9) }
}
const order = {
  orderId: 'o1',
  customerId: 'c1',
  estimatedDeliveryAt: iso(20),
  items: [item(1, 's1'), item(2, 's2'), item(3, 's1')],
  status: 'created' as const,
}
const parcel = (sellerId: string, itemCount: number) => {
  return { parcelId: `o1/${sellerId}`, orderId: 'o1', sellerId, itemCount, freightCents: itemCount * 100, to }
}
const waiting = { dispatchedAt: null, deliveredAt: null }
const parcelIds = ['o1/s1', 'o1/s2']

test('an order becomes one parcel for each of its sellers, with the address from the replica of customers', async () => {
  await given(shipping)
    .replicas({ customers: [customer] })
    .when(prepareParcels, order)
    .then({
      published: [],
      tables: {
        parcels: [
          { ...parcel('s1', 2), ...waiting },
          { ...parcel('s2', 1), ...waiting },
        ],
        shipments: [{ orderId: 'o1', handedOverAt: null, deliveredAt: null, parcelIds }],
      },
    })
})

test('the hand-over dispatches them, at its own time', async () => {
  await given(shipping)
    .tables({
      shipments: [{ orderId: 'o1', handedOverAt: null, deliveredAt: null, parcelIds }],
      parcels: [
        { ...parcel('s1', 2), ...waiting },
        { ...parcel('s2', 1), ...waiting },
      ],
    })
    .when(HandOverShipment, { orderId: 'o1' }, { occurredAt: at(6) })
    .then({
      published: [
        [ShipmentHandedOver, { orderId: 'o1' }, { occurredAt: at(6) }],
        [ParcelDispatched, { parcelId: 'o1/s1', orderId: 'o1', sellerId: 's1', toState: 'SP' }],
        [ParcelDispatched, { parcelId: 'o1/s2', orderId: 'o1', sellerId: 's2', toState: 'SP' }],
      ],
    })
})

test('if the carrier reports before the order is known, the events follow later with their own times', async () => {
  await given(shipping)
    .when(HandOverShipment, { orderId: 'o1' }, { occurredAt: at(6) })
    .then({ published: [[ShipmentHandedOver, { orderId: 'o1' }]] })
  await given(shipping)
    .replicas({ customers: [customer] })
    .tables({ shipments: [{ orderId: 'o1', handedOverAt: iso(6), deliveredAt: iso(12), parcelIds: null }] })
    .when(OrderPlaced, { ...order, items: [item(1, 's1')] })
    .then({
      published: [
        [ParcelDispatched, { parcelId: 'o1/s1', orderId: 'o1', sellerId: 's1', toState: 'SP' }, { occurredAt: at(6) }],
        [ParcelDelivered, { parcelId: 'o1/s1', orderId: 'o1', sellerId: 's1' }, { occurredAt: at(12) }],
      ],
      tables: { parcels: [{ ...parcel('s1', 1), dispatchedAt: iso(6), deliveredAt: iso(12) }] },
    })
})

test('reporting it twice changes nothing', async () => {
  const known = { orderId: 'o1', handedOverAt: iso(6), deliveredAt: iso(12), parcelIds: [] }
  const shipped = given(shipping).tables({ shipments: [known] })
  await shipped.when(HandOverShipment, { orderId: 'o1' }).thenNothing()
  await shipped.when(DeliverShipment, { orderId: 'o1' }).thenNothing()
  await shipped.when(OrderPlaced, order).thenNothing()
})

test('a delivery is also recorded for an order without items', async () => {
  await given(shipping)
    .tables({ shipments: [{ orderId: 'o1', handedOverAt: iso(6), deliveredAt: null, parcelIds: [] }] })
    .when(DeliverShipment, { orderId: 'o1' }, { occurredAt: at(12) })
    .then({ published: [[ShipmentDelivered, { orderId: 'o1' }, { occurredAt: at(12) }]] })
})

test('an order whose customer has not arrived yet waits', async () => {
  await given(shipping).when(prepareParcels, order).thenFails('REPLICA_ROW_MISSING')
})

test('parcels are found by their order', async () => {
  const rows = [{ ...parcel('s1', 2), ...waiting }]
  const asked = given(shipping).tables({ parcels: rows })
  await asked.when(ParcelsOfOrder, { orderId: 'o1' }).thenAnswers(rows)
  await asked.when(ParcelsOfOrder, { orderId: 'o2' }).thenAnswers([])
})
