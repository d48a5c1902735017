// The HTTP API of a running system, over real connections: answers, problems, idempotency, headers, access, draining.

import { request } from 'node:http'
import type { Authorize } from '@tidings/http'
import { defineCommand, defineService, TidingsError } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { startSystem } from '../src/start-system.ts'
import { post, raw, runningShop, shopConfig } from './running-shop.ts'

const order = { orderId: 'o-1', cents: 500 }

test('a command is answered with its id and output, a query with its answer', async () => {
  const { url } = await runningShop()
  const accepted = await post(`${url}/orders/commands/place-order`, order)
  expect(accepted.status).toBe(200)
  expect(accepted.body).toEqual({
    commandId: expect.any(String),
    replayed: false,
    token: expect.any(String),
    output: { number: 3 },
  })
  const answer = await post(`${url}/orders/queries/order`, { orderId: 'o-1' })
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({ cents: 500, principal: null })
})

test('a rejection is a problem with status 409 and the domain’s code', async () => {
  const { url } = await runningShop()
  await post(`${url}/orders/commands/place-order`, order)
  const { status, headers, body } = await post(`${url}/orders/commands/place-order`, order)
  expect(status).toBe(409)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(body).toMatchObject({
    type: 'urn:tidings:problem:rejected',
    title: 'Rejected',
    status: 409,
    detail: 'There is an order o-1 already.',
    code: 'rejected',
    rejection: { code: 'order-exists', details: { orderId: 'o-1' } },
    commandId: expect.any(String),
    replayed: false,
  })
})

test('a query that finds nothing is answered with a 404', async () => {
  const { url } = await runningShop()
  const { status, body } = await post(`${url}/orders/queries/order`, { orderId: 'none' })
  expect(status).toBe(404)
  expect(body).toMatchObject({ code: 'gone' })
})

test('an input that is not valid is a problem that lists each issue with its path', async () => {
  const { url } = await runningShop()
  const { status, body } = await post(`${url}/orders/commands/place-order`, { orderId: '', cents: 'x' })
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'INVALID_PAYLOAD', hint: expect.any(String) })
  expect(body.issues).toEqual([
    { path: '/orderId', message: expect.any(String) },
    { path: '/cents', message: expect.any(String) },
  ])
})

test.each([
  ['/orders/commands/nothing', 404, 'UNKNOWN_COMMAND'],
  ['/orders/queries/nothing', 404, 'UNKNOWN_QUERY'],
  ['/nobody/commands/place-order', 404, 'not-found'],
  ['/__proto__/commands/place-order', 404, 'not-found'],
  ['/orders/commands/constructor', 404, 'UNKNOWN_COMMAND'],
  ['/orders/commands/..%2f..%2fetc', 404, 'UNKNOWN_COMMAND'],
  ['/orders/commands/%00', 404, 'UNKNOWN_COMMAND'],
  ['/orders', 404, 'not-found'],
  ['/', 404, 'not-found'],
])('%s is refused with %i %s', async (path, status, code) => {
  const { url } = await runningShop()
  const answer = await post(`${url}${path}`, order)
  expect(answer.status).toBe(status)
  expect(answer.body.code).toBe(code)
})

test('a failing handler reveals nothing to the caller, and everything to the log [trap: access]', async () => {
  const { url, lines } = await runningShop()
  const { status, body } = await post(`${url}/orders/commands/fail-order`, {})
  expect(status).toBe(500)
  expect(body.code).toBe('HANDLER_FAILED')
  expect(JSON.stringify(body)).not.toContain('internal secret')
  expect(JSON.stringify(lines)).toContain('an internal secret')
})

test('P3: a repeated idempotency key gets the first answer again, also for concurrent requests', async () => {
  const { url, system } = await runningShop()
  const send = (body: object = order) =>
    post(`${url}/orders/commands/place-order`, body, { 'idempotency-key': 'import/1' })
  const answers = await Promise.all([send(), send(), send(), send()])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(new Set(answers.map(({ body }) => body.commandId)).size).toBe(1)
  expect(answers.filter(({ body }) => body.replayed === false)).toHaveLength(1)
  const { head } = await system.service('orders').store.readEventLog({ after: '', limit: 1 })
  expect(Number(head)).toBe(1)
  const other = await send({ orderId: 'o-2', cents: 1 })
  expect(other.status).toBe(422)
  expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED')
})

test('P3: Bob gets no answer of Alice under her idempotency key: his own command is carried out', async () => {
  const authorize: Authorize = ({ headers }) => ({ principal: headers.get('x-who') })
  const { url } = await runningShop({ http: { authorize } })
  const send = (who: string, key: string, orderId: string) =>
    post(`${url}/orders/commands/place-order`, { orderId, cents: 1 }, { 'x-who': who, 'idempotency-key': key })
  const alice = await send('alice', '"order-1"', 'a-1')
  expect(alice).toMatchObject({ status: 200, body: { replayed: false } })
  const bob = await send('bob', '"order-1"', 'a-1')
  expect(bob, 'her order is there already').toMatchObject({ status: 409, body: { replayed: false } })
  expect(await send('bob', '"order-2"', 'b-1')).toMatchObject({ status: 200, body: { replayed: false } })
  expect(await send('alice', 'order-1', 'a-1')).toMatchObject({
    body: { replayed: true, commandId: alice.body.commandId },
  })
})

test('P11: a doubled or malformed header Idempotency-Key is a 400, and the command is not carried out', async () => {
  const { url, system } = await runningShop()
  const body = JSON.stringify(order)
  const head = `POST /orders/commands/place-order HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n`
  for (const keys of [['"a"', '"a"'], ['a', 'b'], ['"a'], ['"a" "b"']]) {
    const lines = keys.map((key) => `Idempotency-Key: ${key}\r\n`).join('')
    expect(await raw(url, `${head}${lines}\r\n${body}`), keys.join()).toMatch(/^HTTP\/1\.1 400 .*"INVALID_KEY"/s)
  }
  expect((await system.service('orders').store.readEventLog({ after: '', limit: 1 })).head).toBe('')
})

test('P9: the time, the conversation, the trace and the principal travel from the request into the event', async () => {
  const authorize: Authorize = ({ headers }) => ({ principal: headers.get('x-who') })
  const { url, system } = await runningShop({ http: { authorize } })
  const { status } = await post(`${url}/orders/commands/place-order`, order, {
    'tidings-occurred-at': '2017-05-01T10:00:00Z',
    'tidings-correlation-id': 'talk-1',
    traceparent: 'cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
    tracestate: 'rojo=1 , congo=2',
    'x-who': 'ada',
  })
  expect(status).toBe(200)
  const { events } = await system.service('orders').store.readEventLog({ after: '', limit: 10 })
  expect(events).toMatchObject([
    {
      correlationId: 'talk-1',
      occurredAt: Date.parse('2017-05-01T10:00:00Z'),
      principal: 'ada',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'rojo=1,congo=2',
    },
  ])
})

test.each([
  ['undefined', () => undefined, 401, 'UNAUTHENTICATED'],
  [
    'FORBIDDEN',
    () => {
      throw new TidingsError('FORBIDDEN', 'Not you.')
    },
    403,
    'FORBIDDEN',
  ],
  [
    'a bug',
    () => {
      throw new TypeError('internal')
    },
    500,
    'HANDLER_FAILED',
  ],
] satisfies [string, Authorize, number, string][])(
  'P12: if authorize gives %s, commands, queries and documents are refused before a body is read [trap: access]',
  async (_what, authorize, status, code) => {
    const { url } = await runningShop({ http: { authorize } })
    for (const path of ['/orders/commands/place-order', '/orders/queries/order']) {
      const answer = await post(`${url}${path}`, '{ no json')
      expect(answer.status).toBe(status)
      expect(answer.body.code).toBe(code)
    }
    expect((await fetch(`${url}/openapi.json`)).status).toBe(status)
    expect((await fetch(`${url}/orders/openapi.json`)).status).toBe(status)
  },
)

test.each([
  [{}],
  ['ada'],
  [null],
  [{ principal: 5 }],
  [{ principal: { id: 5 } }],
  [{ principal: { id: 'ada', tenant: 5 } }],
  [{ principal: { id: 'ada', roles: 'clerk' } }],
  [{ principal: { id: 'ada', claims: 'all' } }],
])(
  'P12: if authorize returns %j by mistake, nobody is let in: a 500, and a log line [trap: access]',
  async (returned) => {
    const { url, lines } = await runningShop({ http: { authorize: () => returned as never } })
    expect((await post(`${url}/orders/commands/place-order`, order)).status).toBe(500)
    expect(JSON.stringify(lines)).toContain('authorize returned neither')
  },
)

test('authorize sees the service, the kind and the name', async () => {
  const seen: unknown[] = []
  const { url } = await runningShop({
    http: {
      authorize: ({ service, kind, name }) => {
        seen.push([service, kind, name])
        return { principal: 'ada' }
      },
    },
  })
  await post(`${url}/orders/commands/place-order`, order)
  await post(`${url}/orders/queries/order`, { orderId: 'o-1' })
  await fetch(`${url}/shipping/openapi.json`)
  expect(seen).toEqual([
    ['orders', 'command', 'place-order'],
    ['orders', 'query', 'order'],
    ['shipping', 'document', 'openapi'],
  ])
})

test('the answer to a wrong method names the allowed one', async () => {
  const { url } = await runningShop()
  const get = await fetch(`${url}/orders/commands/place-order`)
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  const put = await fetch(`${url}/openapi.json`, { method: 'PUT' })
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('P12: every answer, problems too, has the security headers [trap: access]', async () => {
  const { url } = await runningShop()
  for (const path of ['/openapi.json', '/nothing', '/orders/commands/place-order']) {
    const { headers } = await fetch(url + path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('cache-control')).toBe('no-store')
  }
})

test('the API of a single service answers with and without its name', async () => {
  const { url } = await runningShop({ services: ['orders'] })
  expect((await post(`${url}/commands/place-order`, order)).status).toBe(200)
  expect((await post(`${url}/queries/order`, { orderId: 'o-1' })).status).toBe(200)
  expect((await post(`${url}/orders/queries/order`, { orderId: 'o-1' })).status).toBe(200)
})

test('P12: a request for another host, or from a page of another origin, is refused', async () => {
  const { url } = await runningShop()
  const rebound = await raw(url, 'GET /openapi.json HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
  expect(rebound).toMatch(/^HTTP\/1\.1 403 .*"host-refused"/s)
  const nobody = await raw(url, 'GET /openapi.json HTTP/1.0\r\n\r\n')
  expect(nobody).toMatch(/^HTTP\/1\.1 40[03] /)
  const forged = await post(`${url}/orders/commands/place-order`, order, { origin: 'http://evil.example' })
  expect([forged.status, forged.body.code]).toEqual([403, 'origin-refused'])
  expect((await post(`${url}/orders/queries/order`, { orderId: 'o-1' })).status).toBe(404)
})

test('a listed origin may call, and gets CORS headers, in problems too', async () => {
  const { url } = await runningShop({ http: { origins: ['https://app.example'] } })
  const preflight = await fetch(`${url}/orders/commands/place-order`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(200)
  expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key')
  expect(preflight.headers.get('access-control-allow-credentials')).toBe('true')
  const refused = await post(`${url}/orders/commands/place-order`, {}, { origin: 'https://app.example' })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([422, 'https://app.example'])
})

test('an API that other machines can reach needs a list of host names', async () => {
  await expect(startSystem(shopConfig(), { data: 'unused', http: { host: '0.0.0.0' } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('http.hosts'),
  })
})

test('a port in use is an error, and the stores are unlocked again', async () => {
  const first = await runningShop()
  const { port } = new URL(first.url)
  const second = { port: Number(port) }
  await expect(runningShop({ http: second })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `Port ${port} of 127.0.0.1 is in use.`,
  })
})

test('closing waits for requests in progress and refuses new ones', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let entered = () => {}
  const inside = new Promise<void>((resolve) => {
    entered = resolve
  })
  const Wait = defineCommand('wait', { expose: true, input: z.object({}) })
  const slow = defineService('slow')
  const services = [
    slow.with({
      wait: slow.command(Wait, async () => {
        entered()
        await gate
      }),
    }),
  ]
  const running = await runningShop({ config: { services } })
  const answer = post(`${running.url}/slow/commands/wait`, {})
  await inside
  const closed = running.close()
  await expect(fetch(`${running.url}/openapi.json`)).rejects.toThrow()
  open()
  expect((await answer).status).toBe(200)
  await closed
})

test('one connection carries many requests', async () => {
  const { url } = await runningShop()
  const get = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n'
  const text = await raw(url, `${get}\r\n`, `${get}\r\n`, `${get}Connection: close\r\n\r\n`)
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
})

test('a caller that goes away within its body does no harm', async () => {
  const { url, lines } = await runningShop()
  await new Promise<void>((resolve) => {
    const half = request(`${url}/orders/commands/place-order`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '100' },
    })
    half.on('error', () => resolve())
    half.write('{"orderId":', () => half.destroy())
    half.on('close', () => resolve())
  })
  expect((await post(`${url}/orders/commands/place-order`, order)).status).toBe(200)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
