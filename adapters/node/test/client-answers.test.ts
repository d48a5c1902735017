// The typed client against servers that answer as the HTTP API never does: proxies, portals, page servers, broken answers.

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ClientOptions, createClient } from '@tidings/client'
import { isTidingsError, type TidingsError } from 'tidings'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RoomMessages, rooms } from './chat-system.ts'
import { Order, orders, PlaceOrder } from './shop-system.ts'

const order = { orderId: 'o-1', cents: 500 }
const accepted = { commandId: 'c', replayed: false, token: 't', output: { number: 1 } }

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A client of a server that always answers this. */
async function answering(
  status: number,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
  options: Partial<ClientOptions<never>> = {},
) {
  let count = 0
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const url = await serve((_request, response) => {
    count++
    response.writeHead(status, headers).end(text)
  })
  const client = createClient({ retryTimeoutMs: 0, ...options, url, services: { orders, rooms } })
  onTestFinished(() => client.close())
  const failure = (call: Promise<unknown>) => call.then(() => expect.fail('It was taken for an answer.'), errorIn)
  return {
    url,
    count: () => count,
    client,
    command: (idempotencyKey?: string) =>
      failure(client.orders.command(PlaceOrder, order, idempotencyKey === undefined ? {} : { idempotencyKey })),
    query: (signal?: AbortSignal) =>
      failure(client.orders.query(Order, { orderId: 'o-1' }, signal === undefined ? {} : { signal })),
    live: () => failure(client.rooms.live(RoomMessages, { roomId: 'r1' }).next()),
  }
}

function errorIn(error: unknown): TidingsError {
  if (!isTidingsError(error)) expect.fail(`Not a TidingsError: ${String(error)}`)
  return error
}

const html = { 'content-type': 'text/html; charset=utf-8' }

describe('a 200 that is not the result of a command is no acceptance', () => {
  test.each([
    ['', {}, 'answered 200 with an empty body, which is not the result of a command'],
    ['<!doctype html>', html, 'with a body of type text/html; charset=utf-8, which is not the result of a command'],
    ['null', {}, 'which is not the result of a command'],
    ['[]', {}, 'which is not the result of a command'],
    ['"accepted"', {}, 'which is not the result of a command'],
    [{ ...accepted, commandId: undefined }, {}, 'which has no commandId'],
    [{ ...accepted, commandId: 7 }, {}, 'which has no commandId'],
    [{ ...accepted, replayed: 'no' }, {}, 'which does not say whether it is replayed'],
    [{ ...accepted, token: '' }, {}, 'which has no token'],
  ])('%j', async (body, headers, message) => {
    const { command, url, count } = await answering(200, body, headers, { retryTimeoutMs: 5_000 })
    const error = await command('key-1')
    expect(error.code).toBe('INVALID_ANSWER')
    expect(error.message).toContain(url)
    expect(error.message).toContain(message)
    expect(count(), 'not sent again').toBe(1)
  })
})

test('the parts of a result: an answer without a command id is refused', async () => {
  const error = await (await answering(200, { ...accepted, commandId: '' })).command()
  expect(error).toMatchObject({ code: 'INVALID_ANSWER', message: expect.stringContaining('has no commandId') })
})

test.each([
  ['', 'which is not JSON'],
  ['<p>Welcome', 'which is not JSON'],
])('a 200 with %j is no answer of a query, and does not mean that nothing was found', async (body, message) => {
  const error = await (await answering(200, body, html)).query()
  expect(error).toMatchObject({ code: 'INVALID_ANSWER', message: expect.stringContaining(message) })
})

test('the answer null of a query is its answer', async () => {
  const { client } = await answering(200, 'null')
  expect(await client.orders.query(Order, { orderId: 'o-1' })).toBeNull()
})

test.each([
  [{ code: 'rejected', detail: 'No.' }],
  [{ ...accepted, code: 'rejected', detail: 'No.' }],
  [{ ...accepted, code: 'rejected', detail: 'No.', rejection: 'no' }],
  [{ ...accepted, code: 'rejected', rejection: { code: 'no' } }],
])('a rejection without its parts is an invalid answer: %j', async (body) => {
  expect((await (await answering(409, body)).command()).code).toBe('INVALID_ANSWER')
})

describe('the error for an odd answer has a code that fits its status, and says what was there', () => {
  test.each([
    [400, '', {}, 'INVALID_ANSWER', 'an empty body'],
    [401, 'no', {}, 'UNAUTHENTICATED', 'a body without a type'],
    [403, '<h1>', html, 'FORBIDDEN', 'a body of type text/html'],
    [408, '', {}, 'SERVICE_UNAVAILABLE', 'an empty body'],
    [409, 'null', {}, 'INVALID_ANSWER', 'a body without a type'],
    [413, '<h1>', html, 'PAYLOAD_TOO_LARGE', 'a body of type text/html'],
    [418, '[1]', {}, 'INVALID_ANSWER', 'a body without a type'],
    [429, '', {}, 'TOO_MANY_REQUESTS', 'an empty body'],
    [500, '"oops"', {}, 'INVALID_ANSWER', 'a body without a type'],
    [502, '<h1>', html, 'SERVICE_UNAVAILABLE', 'a body of type text/html'],
    [503, '{"code":7,"detail":{}}', {}, 'SERVICE_UNAVAILABLE', 'a body without a type'],
    [504, '', {}, 'SERVICE_UNAVAILABLE', 'an empty body'],
  ])('%i with %j', async (status, body, headers, code, shown) => {
    const { command, query, live } = await answering(status, body, headers)
    for (const error of [await command(), await query(), ...(code === 'INVALID_ANSWER' ? [await live()] : [])]) {
      expect(error.code).toBe(code)
      expect(error.message).toContain(`answered ${status} with ${shown}`)
    }
  })

  test('404: the path is not one of the API', async () => {
    const problem = { code: 'not-found', detail: 'There is nothing at /x.', status: 404 }
    const { command, query, live } = await answering(404, problem)
    expect((await command()).code).toBe('UNKNOWN_COMMAND')
    expect((await query()).code).toBe('UNKNOWN_QUERY')
    expect((await live()).code).toBe('UNKNOWN_LIVE_QUERY')
  })

  test.each([
    [{ code: 'toString', detail: 'x' }],
    [{ code: 'constructor', detail: 'x', details: 'none', issues: {}, hint: 7 }],
    [{ code: '__proto__', detail: 'x', details: [1], hint: null }],
  ])('the problem %j', async (problem) => {
    const error = await (await answering(422, problem)).command()
    expect(error).toMatchObject({ code: 'INVALID_ANSWER', message: 'x', retry: 'never', details: {} })
    expect(error.hint).toEqual(expect.any(String))
  })
})

test('a page instead of a live query is an invalid answer', async () => {
  expect(await (await answering(200, '<p>', html)).live()).toMatchObject({
    code: 'INVALID_ANSWER',
    message: expect.stringContaining('answered 200 with a body of type text/html'),
  })
})

test.each([
  'event: snapshot\nid: 1\ndata: <p>\n\n',
  'event: snapshot\nid: 1\ndata: {"rows":[{"key":1,"row":{}}]}\n\n',
  'event: put\nid: 1\ndata: {"key":"a"}\n\n',
  'event: remove\nid: 1\ndata: {}\n\n',
  'event: put\ndata: {"key":"a","row":{}}\n\n',
  'data: {"key":"a","row":{}}\n\n',
])('an event that is no change of a live query ends the reading: %j', async (event) => {
  const { live } = await answering(200, event, { 'content-type': 'text/event-stream' })
  expect(await live()).toMatchObject({ code: 'INVALID_ANSWER', message: expect.stringContaining('no change') })
})

test('credentials go to no other origin: a redirect is not followed, and named', async () => {
  const received: unknown[] = []
  const thief = await serve((request, response) => {
    received.push(request.headers['x-api-key'])
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(accepted))
  })
  for (const status of [301, 302, 303, 307, 308]) {
    const headers = { location: `${thief}/orders?secret=1` }
    const { command, query, live, url } = await answering(status, '', headers, { headers: { 'x-api-key': 'k' } })
    for (const error of [await command('key-1'), await query(), await live()]) {
      expect(error.code).toBe('INVALID_ANSWER')
      expect(error.message).toBe(`${url} redirects to ${thief}; the client follows no redirects.`)
    }
  }
  expect(received).toEqual([])
})

describe('429 and Retry-After', () => {
  async function busy(headers: Record<string, string>) {
    const times: number[] = []
    const url = await serve((_request, response) => {
      times.push(performance.now())
      if (times.length === 1) response.writeHead(429, headers).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(accepted))
    })
    return { url, times }
  }

  test.each([
    ['seconds', () => ({ 'retry-after': '1' })],
    ['a date', () => ({ 'retry-after': 'Wed, 01 Jan 2020 00:00:01 GMT', date: 'Wed, 01 Jan 2020 00:00:00 GMT' })],
  ])('a command with an idempotency key is sent again after that long (%s)', async (_, headers) => {
    const { url, times } = await busy(headers())
    const client = createClient({ url, services: { orders } })
    onTestFinished(() => client.close())
    expect(await client.orders.command(PlaceOrder, order, { idempotencyKey: 'k' })).toMatchObject({ accepted: true })
    expect(times.length).toBe(2)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900)
  })

  test('without an idempotency key it is sent once', async () => {
    const { command, count } = await answering(429, '', {}, { retryTimeoutMs: 5_000 })
    expect(await command()).toMatchObject({ code: 'TOO_MANY_REQUESTS', retry: 'unavailable' })
    expect(count()).toBe(1)
  })

  test('a wait that cannot end in time is not begun', async () => {
    for (const after of ['3600', '99999999999999999999']) {
      const { query, count } = await answering(429, '', { 'retry-after': after }, { retryTimeoutMs: 2_000 })
      const signal = AbortSignal.timeout(3_000)
      expect(await query(signal)).toMatchObject({ code: 'TOO_MANY_REQUESTS', details: { retryAfterMs: 60_000 } })
      expect(count()).toBe(1)
    }
  })

  test.each(['', 'soon', '-1', '1.5'])('Retry-After %j is ignored', async (after) => {
    const { query, count } = await answering(503, '', { 'retry-after': after }, { retryTimeoutMs: 300 })
    expect(await query()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    expect(count()).toBeGreaterThan(1)
  })
})
