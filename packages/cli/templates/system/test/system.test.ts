// Tests the whole system: both services, each with its own store. `settled()` resolves when every event is handled.
import { createSession, type Session } from '@tidings/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OrderById, OrderChanged, PlaceOrder } from '../services/orders/contract.ts'
import orders from '../services/orders/index.ts'
import { ParcelOfOrder, ParcelPacked } from '../services/parcels/contract.ts'
import parcels from '../services/parcels/index.ts'

const tea = { orderId: 'order-1', item: 'tea', quantity: 3 }
let session: Session

beforeEach(async () => {
  session = await createSession({ services: [orders, parcels] })
})

afterEach(() => session.close())

test('an order becomes a parcel, and is marked as packed', async () => {
  await session.command(orders, PlaceOrder, tea)
  await session.settled()
  expect(await session.query(ParcelOfOrder, { orderId: 'order-1' })).toMatchObject({ content: '3 × tea' })
  expect(await session.query(OrderById, { orderId: 'order-1' })).toMatchObject({ status: 'packed' })
})

test('the same order is not placed twice', async () => {
  await session.command(orders, PlaceOrder, tea)
  const answer = await session.command(orders, PlaceOrder, { ...tea, quantity: 5 })
  expect(answer).toMatchObject({ accepted: false, rejection: { code: 'order-exists' } })
})

test('orders are taken while parcels is down, and packed when it is back', async () => {
  await session.stop(parcels)
  await session.command(orders, PlaceOrder, tea)
  await session.settled()
  expect(await session.query(OrderById, { orderId: 'order-1' })).toMatchObject({ status: 'placed' })

  await session.start(parcels)
  await session.settled()
  expect(await session.query(OrderById, { orderId: 'order-1' })).toMatchObject({ status: 'packed' })
})

test('a crash after a commit packs nothing twice', async () => {
  await session.crash(parcels, 'after-commit')
  await session.command(orders, PlaceOrder, tea)
  await session.settled()
  await session.start(parcels)
  await session.settled()
  expect(await session.published(ParcelPacked)).toHaveLength(1)
  expect(await session.published(OrderChanged)).toHaveLength(2)
})
