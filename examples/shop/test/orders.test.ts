// `orders` alone: reports become facts, and facts become public events.
import { given } from '@tidings/testing'
import { test } from 'vitest'
import {
  ApproveOrder,
  OrderAt,
  OrderById,
  OrderDelivered,
  OrderHandedOver,
  OrderPlaced,
  OrderStatusSet,
  PlaceOrder,
  SetOrderStatus,
} from '../services/orders/contract.ts'
import orders from '../services/orders/index.ts'
import { noteHandOver } from '../services/orders/note-hand-over.ts'
import { order } from '../services/orders/order.ts'
import { ShipmentDelivered } from '../services/shipping/contract.ts'

const at = (day: number) => new Date(Date.UTC(2017, 0, day))
const iso = (day: number) => at(day).toISOString()
const items = [{ itemNumber: 1, productId: 'x', sellerId: 's1', priceCents: 10, freightCents: 1, shipBy: iso(9) }]
const placed = { customerId: 'c1', estimatedDeliveryAt: iso(20), items }
const onDay = (day: number) => ({ occurredAt: at(day) })

test('an order is placed once', () => {
  given(order)
    .when('PlaceOrder', { orderId: 'o1', ...placed })
    .then([['placed', placed]])
  const known = given(order, [['placed', placed]])
  known.when('PlaceOrder', { orderId: 'o1', ...placed }).thenNothing()
  known.when('PlaceOrder', { orderId: 'o1', ...placed, items: [] }).thenRejected('already-placed')
})

test('a report about an order that is not placed yet is recorded too', () => {
  given(order)
    .when('HandOverOrder', { orderId: 'o1' })
    .then([['handedOver', {}]])
  given(order, [['handedOver', {}]])
    .when('HandOverOrder', { orderId: 'o1' })
    .thenNothing()
  given(order).when('SetOrderStatus', { orderId: 'o1', status: 'canceled' }).thenRejected('unknown-order')
})

test('each fact is published as a public event with the order’s status after it', async () => {
  await given(orders)
    .when(PlaceOrder, { orderId: 'o1', ...placed }, onDay(1))
    .then({ published: [[OrderPlaced, { orderId: 'o1', ...placed, status: 'created' }, onDay(1)]] })
  await given(orders)
    .facts(order, 'o1', [['placed', placed]])
    .when(SetOrderStatus, { orderId: 'o1', status: 'unavailable' })
    .then({ published: [[OrderStatusSet, { orderId: 'o1', status: 'unavailable', set: 'unavailable' }]] })
})

test('events of shipping become commands, and facts of the order', async () => {
  await given(orders)
    .facts(order, 'o1', [['placed', placed]])
    .when(noteHandOver, { orderId: 'o1' }, onDay(6))
    .then({
      facts: [[order, 'o1', [['handedOver', {}]]]],
      published: [[OrderHandedOver, { orderId: 'o1', status: 'shipped' }, onDay(6)]],
    })
  await given(orders)
    .when(ShipmentDelivered, { orderId: 'o1' })
    .then({ published: [[OrderDelivered, { orderId: 'o1', status: 'delivered' }]] })
})

test('queries for unknown orders find nothing; an approval that is already known changes nothing', async () => {
  const history = given(orders).facts(order, 'o1', [
    ['placed', placed],
    ['approved', {}],
  ])
  await history.when(OrderById, { orderId: 'o2' }).thenGone()
  await history.when(OrderAt, { orderId: 'o1', at: iso(1) }).thenGone()
  await history.when(ApproveOrder, { orderId: 'o1' }).thenNothing()
})
