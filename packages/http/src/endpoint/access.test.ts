// DNS rebinding and cross-site requests are refused (P12).

import { expect, test } from 'vitest'
import { corsHeaders, isLoopback, refusalOf } from './access.ts'

const policy = { hosts: ['shop.example'], origins: ['https://app.example'] }
const reader = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name]

test.each([
  [{ host: 'localhost:4747' }],
  [{ host: '127.0.0.1' }],
  [{ host: '[::1]:4747' }],
  [{ host: 'LOCALHOST.:4747' }],
  [{ host: 'shop.example:443' }],
  [{ host: 'localhost:4747', origin: 'http://localhost:4747' }],
  [{ host: 'shop.example', origin: 'https://shop.example' }],
  [{ host: 'localhost:4747', origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }],
  [{ host: 'localhost:4747', 'sec-fetch-site': 'none' }],
  [{ host: 'localhost:4747', 'sec-fetch-site': 'same-origin' }],
])('%j may come in', (headers) => {
  expect(refusalOf(reader(headers as never), policy)).toBeUndefined()
})

test.each([
  [{}, 'host-refused'],
  [{ host: '' }, 'host-refused'],
  [{ host: 'evil.example' }, 'host-refused'],
  [{ host: 'localhost.evil.example' }, 'host-refused'],
  [{ host: '127.0.0.1.evil.example:4747' }, 'host-refused'],
  [{ host: 'localhost@evil.example' }, 'host-refused'],
  [{ host: 'evil.example#localhost' }, 'host-refused'],
  [{ host: 'localhost:4747:1' }, 'host-refused'],
  [{ host: '169.254.169.254' }, 'host-refused'],
  [{ host: 'localhost:4747', origin: 'http://evil.example' }, 'origin-refused'],
  [{ host: 'localhost:4747', origin: 'http://localhost:3000' }, 'origin-refused'],
  [{ host: 'localhost:4747', origin: 'null' }, 'origin-refused'],
  [{ host: 'localhost:4747', origin: '' }, 'origin-refused'],
  [{ host: 'localhost:4747', origin: 'http://localhost:4747.evil.example' }, 'origin-refused'],
  [{ host: 'localhost:4747', 'sec-fetch-site': 'cross-site' }, 'origin-refused'],
  [{ host: 'localhost:4747', 'sec-fetch-site': 'same-site' }, 'origin-refused'],
])('P12: %j is refused [trap: access]', (headers, code) => {
  expect(refusalOf(reader(headers as never), policy)?.code).toBe(code)
})

test('only an allowed origin gets CORS headers', () => {
  expect(corsHeaders(reader({ origin: 'https://app.example' }), policy)).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    vary: 'origin',
  })
  expect(corsHeaders(reader({ origin: 'https://evil.example' }), policy)).toEqual({})
  expect(corsHeaders(reader({}), policy)).toEqual({})
})

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.evil.example', false],
])('%s can be reached from this machine only: %s', (address, loopback) => {
  expect(isLoopback(address)).toBe(loopback)
})
