// Bad input gets a clear error, and the HTTP API still answers afterwards (P11).

import { expect, test, vi } from 'vitest'
import { post, raw, runningShop } from './running-shop.ts'

const header = (lines: readonly string[]) =>
  ['POST /orders/commands/place-order HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n')
const json = 'Content-Type: application/json'

test.each([
  ['a million levels', '['.repeat(500_000) + ']'.repeat(500_000), 400, 'PAYLOAD_TOO_DEEP'],
  ['many levels of objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400, 'PAYLOAD_TOO_DEEP'],
  ['more bytes than allowed', JSON.stringify({ orderId: 'x'.repeat(1_048_576), cents: 1 }), 413, 'PAYLOAD_TOO_LARGE'],
  [
    'a value beyond the payload’s limit',
    JSON.stringify({ orderId: 'x'.repeat(300_000), cents: 1 }),
    413,
    'PAYLOAD_TOO_LARGE',
  ],
  ['__proto__', '{"__proto__":{"orderId":"o"},"orderId":"o","cents":1}', 400, 'PAYLOAD_NOT_JSON'],
  ['constructor in place of a value', '{"constructor":{"prototype":{}}}', 422, 'INVALID_PAYLOAD'],
  ['a lone surrogate', '{"orderId":"\\ud800","cents":1}', 400, 'PAYLOAD_NOT_JSON'],
  ['a number that a double does not hold', '{"orderId":"o","cents":9007199254740993}', 400, 'PAYLOAD_NOT_JSON'],
  ['a number that would be rounded', '{"orderId":"o","cents":1.000000000000000005}', 400, 'PAYLOAD_NOT_JSON'],
  ['infinity', '{"orderId":"o","cents":1e999}', 400, 'PAYLOAD_NOT_JSON'],
  ['half of it', '{"orderId":"o"', 400, 'PAYLOAD_NOT_JSON'],
  ['nothing', '', 400, 'PAYLOAD_NOT_JSON'],
  ['null', 'null', 422, 'INVALID_PAYLOAD'],
  ['a list', '[]', 422, 'INVALID_PAYLOAD'],
  ['two values', '{} {}', 400, 'PAYLOAD_NOT_JSON'],
])('P11: a body of %s is refused [trap: payloads]', async (_what, body, status, code) => {
  const { url, lines } = await runningShop()
  const answer = await post(`${url}/orders/commands/place-order`, body)
  expect([answer.status, answer.body.code]).toEqual([status, code])
  expect((await post(`${url}/orders/commands/place-order`, { orderId: 'o', cents: 1 })).status).toBe(200)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('P11: an endless body without a length is cut off [trap: payloads]', async () => {
  const { url } = await runningShop({ http: { bodyBytesMax: 1_000 } })
  const chunk = `400\r\n${'a'.repeat(1_024)}\r\n`
  const text = await raw(url, header([json, 'Transfer-Encoding: chunked']), chunk, chunk, chunk)
  expect(text).toMatch(/^HTTP\/1\.1 413 .*PAYLOAD_TOO_LARGE/s)
})

test('P11: a request that does not arrive in time is answered with 408, its headers as its body', async () => {
  const { url } = await runningShop({ http: { requestTimeoutMs: 300 } })
  for (const parts of [[header([json, 'Content-Length: 100']), '{'], ['GET /openapi.json HTTP/1.1\r\nHost: loc']]) {
    const text = await raw(url, ...parts)
    expect(text).toMatch(/^HTTP\/1\.1 408 .*content-type: application\/problem\+json.*"request-timeout"/is)
    expect(text).toMatch(/connection: close/i)
  }
})

test.each([
  ['both lengths', header([json, 'Content-Length: 4', 'Transfer-Encoding: chunked']), '0\r\n\r\n'],
  ['two lengths', header([json, 'Content-Length: 4', 'Content-Length: 5']), '{}'],
  ['a negative length', header([json, 'Content-Length: -1']), ''],
  ['no HTTP', 'hello\r\n\r\n', ''],
  ['a broken header', header(['A B: c']), ''],
  ['too many headers', header(Array.from({ length: 2_000 }, (_, n) => `X-${n}: ${'a'.repeat(20)}`)), ''],
])('P11: a request with %s is refused and the connection closed', async (_what, head, body) => {
  const { url } = await runningShop()
  expect(await raw(url, head, body)).toMatch(/^HTTP\/1\.1 4\d\d /)
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200)
})

test('P11: the number of connections is limited, and a request of one more is answered with 503', async () => {
  const { url } = await runningShop({ http: { connectionCountMax: 1, requestTimeoutMs: 500 } })
  const first = raw(url, header([json, 'Content-Length: 100']), '{')
  const refused = await raw(url, header([json, 'Content-Length: 2']), '{}')
  expect(refused).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 1\r\n[\s\S]*"code":"too-many-connections"/)
  await first
  const status = async () => (await fetch(`${url}/openapi.json`, { headers: { connection: 'close' } })).status
  await vi.waitFor(async () => expect(await status()).toBe(200))
})
