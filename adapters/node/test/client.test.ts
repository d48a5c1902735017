// The typed client against a real HTTP API: answers, rejections, errors and retries.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, createClient } from '@tidings/client'
import { expect, onTestFinished, test } from 'vitest'
import { runningShop, temporaryFolder } from './running-shop.ts'
import { FailOrder, Order, orders, Parcel, PlaceOrder, shipping } from './shop-system.ts'

function clientFor(url: string, options: Partial<ClientOptions<never>> = {}) {
  const client = createClient({ ...options, url, services: { orders, shipping } })
  onTestFinished(() => client.close())
  return client
}

const order = { orderId: 'o-1', cents: 500 }

test('a command returns its output, a query its answer, or undefined if nothing was found', async () => {
  const { url, settled } = await runningShop()
  const client = clientFor(`${url}/`)
  const answer = await client.orders.command(PlaceOrder, order)
  expect(answer).toEqual({
    accepted: true,
    commandId: expect.any(String),
    replayed: false,
    token: expect.any(String),
    output: { number: 3 },
  })
  await settled()
  expect(await client.shipping.query(Parcel, { orderId: 'o-1' })).toEqual({ cents: 500 })
  expect(await client.orders.query(Order, { orderId: 'none' })).toBeUndefined()
})

test.each([
  ['NaN', Number.NaN],
  ['a map', new Map([['a', 1]])],
  ['a date', new Date(0)],
  ['a bigint', 1n],
])('an input that JSON would change or cannot hold is refused before it is sent: %s', async (_what, cents) => {
  const { url } = await runningShop()
  const client = clientFor(url)
  const input = { orderId: 'o-1', cents } as never
  const refused = { code: 'PAYLOAD_NOT_JSON', message: expect.stringContaining('/cents') }
  await expect(client.orders.command(PlaceOrder, input)).rejects.toMatchObject(refused)
  await expect(client.orders.query(Order, input)).rejects.toMatchObject(refused)
})

test('a rejection is returned, not thrown', async () => {
  const { url } = await runningShop()
  const client = clientFor(url)
  await client.orders.command(PlaceOrder, order)
  expect(await client.orders.command(PlaceOrder, order)).toMatchObject({
    accepted: false,
    rejection: { code: 'order-exists', message: 'There is an order o-1 already.', details: { orderId: 'o-1' } },
  })
})

test('the options of a command arrive', async () => {
  const { url } = await runningShop({ http: { authorize: ({ headers }) => ({ principal: headers.get('x-who') }) } })
  const client = clientFor(url, { headers: { 'x-who': 'ada' } })
  const occurredAt = new Date('2017-05-01T10:00:00Z')
  await client.orders.command(PlaceOrder, order, { occurredAt, correlationId: 'talk-1' })
  expect(await client.orders.query(Order, { orderId: 'o-1' })).toMatchObject({
    occurredAt: occurredAt.toISOString(),
    principal: 'ada',
    correlationId: 'talk-1',
  })
})

test('headers from a function are fetched for each request, so a token can be renewed', async () => {
  const { url } = await runningShop({ http: { authorize: ({ headers }) => ({ principal: headers.get('x-who') }) } })
  const tokens = ['ada', 'bob', 'eve']
  const client = clientFor(url, { headers: async () => ({ 'x-who': tokens.shift() ?? 'nobody' }) })
  await client.orders.command(PlaceOrder, order)
  await client.orders.command(PlaceOrder, { ...order, orderId: 'o-2' })
  expect(await client.orders.query(Order, { orderId: 'o-1' })).toMatchObject({ principal: 'ada' })
  expect(await client.orders.query(Order, { orderId: 'o-2' })).toMatchObject({ principal: 'bob' })
  const refused = clientFor(url, {
    headers: () => {
      throw new Error('signed out')
    },
  })
  await expect(refused.orders.query(Order, { orderId: 'o-1' })).rejects.toThrow('signed out')
})

test.each([['plain/key'], ['"quoted"'], [' with blanks '], ['"'], ['""'], ['a, b; c=1'], ['back\\slash']])(
  'P3: the idempotency key %j arrives as the same key',
  async (idempotencyKey) => {
    const { url, system } = await runningShop()
    const client = clientFor(url)
    const first = await client.orders.command(PlaceOrder, order, { idempotencyKey })
    const second = await client.orders.command(PlaceOrder, order, { idempotencyKey })
    expect(second).toEqual({ ...first, replayed: true })
    const inside = await system.service('orders').command('place-order', order, { idempotencyKey })
    expect(inside).toMatchObject({ commandId: first.commandId, replayed: true })
  },
)

test('errors arrive as errors of the registry', async () => {
  const { url } = await runningShop()
  const client = clientFor(url)
  await expect(client.orders.command(PlaceOrder, { orderId: '', cents: 1 })).rejects.toMatchObject({
    code: 'INVALID_PAYLOAD',
    details: { issues: [{ path: '/orderId' }] },
  })
  await expect(client.orders.command(FailOrder, {})).rejects.toMatchObject({ code: 'HANDLER_FAILED' })
  await expect(client.orders.command(PlaceOrder, order, { idempotencyKey: 'ключ' })).rejects.toMatchObject({
    code: 'INVALID_KEY',
  })
  await client.orders.command(PlaceOrder, order, { idempotencyKey: 'k' })
  await expect(
    client.orders.command(PlaceOrder, { orderId: 'o-2', cents: 1 }, { idempotencyKey: 'k' }),
  ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
})

test('queries, and commands with an idempotency key, are retried until the service is back', async () => {
  const data = temporaryFolder()
  const first = await runningShop({ data })
  const { port } = new URL(first.url)
  await first.close()
  const client = clientFor(first.url)
  const command = client.orders.command(PlaceOrder, order, { idempotencyKey: 'k' })
  const query = client.orders.query(Order, { orderId: 'none' })
  await runningShop({ data, http: { port: Number(port) } })
  expect(await command).toMatchObject({ accepted: true })
  expect(await query).toBeUndefined()
})

async function unavailable(): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0
  const server = createServer((_request, response) => {
    count++
    response.writeHead(503, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ code: 'service-down', detail: 'Not now.', status: 503 }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count }
}

test('a command without an idempotency key is sent once', async () => {
  const { url, count } = await unavailable()
  await expect(clientFor(url).orders.command(PlaceOrder, order)).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: 'Not now.',
  })
  expect(count()).toBe(1)
})

test('retries end with their timeout or the signal', async () => {
  const { url, count } = await unavailable()
  const brief = clientFor(url, { retryTimeoutMs: 200 })
  await expect(brief.orders.query(Order, { orderId: 'o' })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  expect(count()).toBeGreaterThan(1)
  const once = clientFor(url, { retryTimeoutMs: 0 })
  const before = count()
  await expect(once.orders.query(Order, { orderId: 'o' })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  expect(count()).toBe(before + 1)
  const signal = AbortSignal.timeout(100)
  await expect(clientFor(url).orders.query(Order, { orderId: 'o' }, { signal })).rejects.toThrow(/abort/i)
})
