// One process and the front of several answer the same request alike, down to its headers, and nothing without problem details.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { startSystem } from '../src/start-system.ts'
import { raw } from './running-shop.ts'

// Every start is a new Node process, which is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const json = 'Content-Type: application/json'
const place = '/orders/commands/place-order'

/** A request as text. */
const said = (line: string, headers: readonly string[] = [], body = ''): string => {
  const length = body === '' || headers.some((each) => /^(content-length|transfer-)/i.test(each))
  const all = [...headers, ...(length ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]), 'Connection: close']
  const host = all.some((each) => /^host:/i.test(each)) || line.includes('no-host') ? [] : ['Host: localhost']
  return [`${line.replace('no-host', '')} HTTP/1.1`, ...host, ...all, '', body].join('\r\n')
}
const post = (to: string, body: string, ...headers: readonly string[]) => said(`POST ${to}`, [json, ...headers], body)
const order = (orderId: string, cents = 1) => JSON.stringify({ orderId, cents })
const twoHosts = said(`GET /openapi.json`, ['Host: localhost', 'Host: evil.example'])
const origin = 'https://shop.example'

/** What is sent, and the status and code of both answers. */
const requests: readonly (readonly [what: string, request: string, status: number, code: string])[] = [
  // What works
  ['a command', post(place, order('o-1')), 200, ''],
  ['its repetition, rejected', post(place, order('o-1')), 409, 'rejected'],
  ['a query', post('/orders/queries/order', '{"orderId":"o-1"}'), 200, ''],
  ['a query that finds nothing', post('/orders/queries/order', '{"orderId":"none"}'), 404, 'gone'],
  ['a percent-encoded name', post('/orders/queries/%6Frder', '{"orderId":"o-1"}'), 200, ''],
  ['a percent-encoded service', post('/%6Frders/queries/order', '{"orderId":"o-1"}'), 200, ''],
  ['absolute-form', said('GET http://localhost/orders/openapi.json'), 200, ''],
  ['the document of all services', said('GET /openapi.json'), 200, ''],
  ['the document of one service', said('GET /orders/openapi.json'), 200, ''],
  ['an upgrade that is not done', said('GET /openapi.json', ['Upgrade: websocket']), 200, ''],
  ['HEAD of a document', said('HEAD /orders/openapi.json'), 200, ''],
  [
    'a body in chunks',
    post(place, '4\r\n{"or\r\n15\r\nderId":"o-2","cents":\r\n2\r\n1}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    200,
    '',
  ],
  ['Expect: 100-continue', post(place, order('o-3'), 'Expect: 100-continue'), 200, ''],
  ['a page of an allowed origin', post(place, order('o-4'), `Origin: ${origin}`), 200, ''],
  ['its preflight', said(`OPTIONS ${place}`, [`Origin: ${origin}`, 'Access-Control-Request-Method: POST']), 200, ''],
  // Paths and methods
  ['the root', said('GET /'), 404, 'not-found'],
  ['an unknown path', said('GET /x'), 404, 'not-found'],
  ['an unknown service', post('/nobody/commands/place-order', '{}'), 404, 'not-found'],
  ['__proto__ as a service', post('/__proto__/commands/place-order', '{}'), 404, 'not-found'],
  ['an unknown kind', post('/orders/handlers/x', '{}'), 404, 'not-found'],
  ['a path with a part too many', post(`${place}/x`, '{}'), 404, 'not-found'],
  ['a path with an empty part', post('/orders//place-order', '{}'), 404, 'not-found'],
  ['a path that begins with two slashes', post(`/${place}`, '{}'), 404, 'not-found'],
  ['a path that climbs', post('/shipping/../orders/commands/place-order', order('o-5')), 200, ''],
  ['the name of a service alone', said('GET /orders'), 404, 'not-found'],
  ['an unknown service’s document', said('GET /nobody/openapi.json'), 404, 'not-found'],
  ['GET of a command', said(`GET ${place}`), 405, 'method-not-allowed'],
  ['DELETE of a query', said('DELETE /orders/queries/order'), 405, 'method-not-allowed'],
  ['POST of a document', post('/openapi.json', '{}'), 405, 'method-not-allowed'],
  ['POST of a service’s document', post('/orders/openapi.json', '{}'), 405, 'method-not-allowed'],
  ['POST of live queries', post('/live', '{}'), 405, 'method-not-allowed'],
  ['TRACE', said('TRACE /openapi.json'), 405, 'method-not-allowed'],
  ['OPTIONS', said(`OPTIONS ${place}`), 405, 'method-not-allowed'],
  ['CONNECT', said('CONNECT evil.example:443'), 400, 'request-invalid'],
  // Who calls
  ['a caller who is refused', post(place, order('o-6'), 'X-Who: nobody'), 401, 'UNAUTHENTICATED'],
  ['a document for a caller who is refused', said('GET /openapi.json', ['X-Who: nobody']), 401, 'UNAUTHENTICATED'],
  ['another host', said('GET /openapi.json', ['Host: evil.example']), 403, 'host-refused'],
  ['a page of another origin', post(place, order('o-7'), 'Origin: http://evil.example'), 403, 'origin-refused'],
  ['no Host header', said('GET no-host/openapi.json'), 400, 'request-invalid'],
  ['two Host headers', twoHosts, 400, 'request-invalid'],
  ['absolute-form with a foreign host', said(`GET http://evil.example/openapi.json`), 400, 'request-invalid'],
  [
    'a foreign host in both places',
    said('GET http://evil.example/openapi.json', ['Host: evil.example']),
    403,
    'host-refused',
  ],
  ['absolute-form with credentials', said('GET http://a:b@localhost/openapi.json'), 400, 'request-invalid'],
  // Bodies and headers
  ['no content type', said(`POST ${place}`, [], order('o-8')), 415, 'unsupported-media-type'],
  ['a compressed body', post(place, 'x', 'Content-Encoding: gzip'), 415, 'unsupported-media-type'],
  ['no JSON', post(place, '{'), 400, 'PAYLOAD_NOT_JSON'],
  ['no body', post(place, '', 'Content-Length: 0'), 400, 'PAYLOAD_NOT_JSON'],
  ['data that do not fit', post(place, '{"orderId":""}'), 422, 'INVALID_PAYLOAD'],
  ['a body that is declared too large', post(place, '{', 'Content-Length: 9999999'), 413, 'PAYLOAD_TOO_LARGE'],
  ['a key with a control character', post(place, order('o-9'), 'Idempotency-Key: a\u0001b'), 400, 'request-invalid'],
  [
    'a time that is not a time',
    post(place, order('o-10'), 'Tidings-Occurred-At: 2026-01-01T24:00:00Z'),
    422,
    'INVALID_PAYLOAD',
  ],
  ['an unknown expectation', post(place, order('o-11'), 'Expect: miracles'), 417, 'expectation-failed'],
  [
    'headers that are too large',
    said('GET /openapi.json', [`X-Large: ${'x'.repeat(200_000)}`]),
    431,
    'headers-too-large',
  ],
  ['no HTTP', 'hello\r\n\r\n', 400, 'request-invalid'],
  ['a broken header', said('GET /openapi.json', ['A B: c']), 400, 'request-invalid'],
  ['two lengths', post(place, '{}', 'Content-Length: 2', 'Content-Length: 3'), 400, 'request-invalid'],
  [
    'a length and chunks',
    post(place, '0\r\n\r\n', 'Content-Length: 2', 'Transfer-Encoding: chunked'),
    400,
    'request-invalid',
  ],
  ['a target that is no path', said('GET x'), 400, 'request-invalid'],
  ['a target of *', said('OPTIONS *'), 400, 'request-invalid'],
  ['a backslash in the path', said('GET /a\\b'), 400, 'request-invalid'],
]

let urls: readonly string[] = []
const ends: (() => unknown)[] = []

beforeAll(async () => {
  const configPath = fileURLToPath(new URL('./shop.config.ts', import.meta.url))
  const config = await loadConfig(configPath)
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-alike-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const http = { port: 0, origins: [origin] }
  const log = { level: 'silent' } as const
  const one = await startSystem(config, { data: path.join(folder, 'one'), http, log })
  const several = await startProcesses(config, configPath, { data: path.join(folder, 'several'), http, log })
  ends.unshift(
    () => one.close(),
    () => several.close(),
  )
  urls = [one.httpUrl ?? '', several.httpUrl]
})

afterAll(async () => {
  for (const end of ends) await end()
})

// Ids, tokens and times differ from run to run.
function comparable(text: string) {
  const [head = '', ...rest] = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '').split('\r\n\r\n')
  const [line = '', ...headers] = head.split('\r\n')
  const body = rest.join('\r\n\r\n').replaceAll(/"(commandId|token|occurredAt|correlationId)":"[^"]*"/g, '"$1":"…"')
  return {
    line,
    headers: headers
      .filter((each) => !/^(date|content-length):/i.test(each))
      .map((each) => each.toLowerCase())
      .sort(),
    body,
  }
}

describe('one process and the front of several answer alike', () => {
  test.each(requests)('P12: the same answer to %s', async (_what, request, status, code) => {
    const [one, several] = await Promise.all(urls.map(async (url) => comparable(await raw(url, request))))
    expect(several).toEqual(one)
    expect(one?.line).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    if (code === '') return
    expect(one?.headers).toContain('content-type: application/problem+json')
    expect(JSON.parse(one?.body ?? '')).toMatchObject({
      status,
      code,
      detail: expect.any(String),
      hint: expect.any(String),
    })
  })
})

test('a 405 lists HEAD where a 200 to HEAD is', async () => {
  for (const url of urls) {
    expect(await raw(url, post('/openapi.json', '{}'))).toMatch(/\r\nallow: GET, HEAD\r\n/i)
    expect(await raw(url, said(`GET ${place}`))).toMatch(/\r\nallow: POST\r\n/i)
  }
})

test('a 404 names no service, and does not say that something is gone', async () => {
  for (const url of urls)
    for (const request of [said('GET /x'), post('/nobody/commands/x', '{}'), post('/nobody/queries/x', '{}')])
      expect(await raw(url, request)).not.toMatch(/shipping|gone/)
})

test('a page of an allowed origin may read when to try again', async () => {
  for (const url of urls)
    expect(await raw(url, post(place, '{', `Origin: ${origin}`))).toMatch(
      /\r\naccess-control-expose-headers: allow, date, retry-after, www-authenticate\r\n/i,
    )
})
