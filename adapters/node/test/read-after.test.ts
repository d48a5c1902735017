// Reading your own writes through the HTTP API and the typed client, with tokens in answers and in the header Tidings-After.

import { createClient } from '@tidings/client'
import { expect, onTestFinished, test } from 'vitest'
import { post, runningShop } from './running-shop.ts'
import { orders, Parcel, PlaceOrder, shipping } from './shop-system.ts'

const place = (url: string, orderId: string) => post(`${url}/orders/commands/place-order`, { orderId, cents: 7 })
const parcel = (url: string, orderId: string, after: string) =>
  post(`${url}/shipping/queries/parcel`, { orderId }, { 'tidings-after': after })

test('a query with the token of another service’s command includes its effects', async () => {
  const { url } = await runningShop()
  const first = await place(url, 'o-1')
  expect((await parcel(url, 'o-1', String(first.body.token))).body).toEqual({ cents: 7 })
  const tokens = [first, await place(url, 'o-2'), await place(url, 'o-3')].map(({ body }) => String(body.token))
  expect((await parcel(url, 'o-3', tokens.join(', '))).body).toEqual({ cents: 7 })
  const rejected = await place(url, 'o-3')
  expect([rejected.status, rejected.body.token]).toEqual([409, tokens[2]])
})

test('an invalid token is a 400; one that cannot be reached in time is a 503 with Retry-After', async () => {
  const { url, system } = await runningShop()
  const { body } = await place(url, 'o-1')
  const bad = await parcel(url, 'o-1', `${body.token},, x`)
  expect([bad.status, bad.body.code]).toEqual([400, 'INVALID_TOKEN'])
  const { epoch } = system.service('orders').store
  const ahead = await post(
    `${url}/orders/queries/order`,
    { orderId: 'o-1' },
    { 'tidings-after': `1:orders:${epoch}:9:0` },
  )
  expect([ahead.status, ahead.body.code, ahead.headers.get('retry-after')]).toEqual([503, 'READ_BEHIND', '1'])
})

test('the client sends tokens', async () => {
  const { url } = await runningShop()
  const client = createClient({ url, services: { orders, shipping } })
  onTestFinished(() => client.close())
  const { token } = await client.orders.command(PlaceOrder, { orderId: 'o-1', cents: 7 })
  expect(await client.shipping.query(Parcel, { orderId: 'o-1' }, { after: token })).toEqual({ cents: 7 })
  const second = await client.orders.command(PlaceOrder, { orderId: 'o-2', cents: 8 })
  const after = [token, second.token]
  expect(await client.shipping.query(Parcel, { orderId: 'o-2' }, { after })).toEqual({ cents: 8 })
  expect(await client.shipping.query(Parcel, { orderId: 'o-2' }, { after: [] })).toEqual({ cents: 8 })
  await expect(client.shipping.query(Parcel, { orderId: 'o-1' }, { after: 'x' })).rejects.toMatchObject({
    code: 'INVALID_TOKEN',
  })
})
