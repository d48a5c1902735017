// Any input over a real connection is refused with a code, or arrives in another service as `JSON.parse` reads it, and the next good
// request is answered. Bodies, names in the path, headers, inputs of live queries.

import { sqliteDriver } from '@tidings/sqlite'
import fc from 'fast-check'
import { defineCommand, defineEvent, defineLiveQuery, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { post, runningShop } from './running-shop.ts'

const thing = z.object({ key: z.string(), value: z.json() })
const table = (name: string) =>
  defineTable(name)
    .version(1, thing)
    .key(({ key }) => key)
const ThingKept = defineEvent('test.thing-kept', { owner: 'shelf', pattern: 'notification' })
  .version(1, thing)
  .key(({ key }) => key)
const KeepThing = defineCommand('keep-thing', { expose: true, input: thing })
const ThingOf = defineQuery('thing-of', {
  owner: 'reader',
  expose: true,
  input: z.object({ key: z.string() }),
  output: thing,
})
const Things = defineLiveQuery('things', {
  owner: 'reader',
  expose: true,
  input: z.object({ key: z.string() }),
  row: thing,
})

const shelf = defineService('shelf', { publishes: [ThingKept] })
const reader = defineService('reader', { tables: { heard: table('heard') } })
const services = [
  shelf.with({
    keep: shelf.command(KeepThing, { publishes: [ThingKept] }, (input, { publish }) => publish(ThingKept, input)),
  }),
  reader.with({
    hear: reader.on(ThingKept, (data, { tables }) => tables.heard.put(data)),
    thingOf: reader.query(ThingOf, ({ key }, { tables }) => tables.heard.get(key)),
    things: reader.live(Things, { of: 'heard' }),
  }),
]

const running = () =>
  runningShop({
    config: { services, engine: ({ directory }) => sqliteDriver({ directory, durability: 'process-crash' }) },
  })

/** Hostile JSON: duplicate members, numbers of any length, spaces, escapes. */
const jsonTexts: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('null', 'true', '0', '-0', '1e5', '1E-7', '0.1000000000000000055', '9007199254740991'),
    fc.constantFrom('9007199254740993', '1e400', '-1e400', '1e-400', '123456789012345678901234567890', '5e-324'),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u005f_proto__"', '"\u2028"', '"\\/"', '"é"'),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => `[ ${values.join(' ,\n')} ]`),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString', '', '\\u0061'), tie('value')), {
        maxLength: 4,
      })
      .map((members) => `{${members.map(([name, value]) => `"${name}" : ${value}`).join(',')}}`),
  ),
})).value

const bodies = fc.oneof(
  { weight: 8, arbitrary: jsonTexts.map((value) => `{"key":"k","value":${value}}`) },
  jsonTexts.map((value) => `\ufeff{"value":${value},"key":"k","key":"k"}`),
  jsonTexts,
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 55, max: 70 }).map((levels) => `{"key":"k","value":${'['.repeat(levels)}${']'.repeat(levels)}}`),
  fc.constantFrom(
    '',
    '{',
    '[',
    '{"key":"k","value":1}}',
    '{"key":"k","value":1}x',
    '[1,]',
    "{'key':'k'}",
    '{"key":"k"}',
  ),
)
const codes = ['PAYLOAD_NOT_JSON', 'PAYLOAD_TOO_DEEP', 'PAYLOAD_TOO_LARGE', 'INVALID_PAYLOAD', 'INVALID_KEY']

test('P11: any body is refused with a code, or arrives in another service as JSON.parse reads it [trap: payloads, payload-changed]', async () => {
  const { url, settled, lines } = await running()
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const answer = await post(`${url}/shelf/commands/keep-thing`, body)
      if (answer.status !== 200) {
        expect([400, 413, 422]).toContain(answer.status)
        expect(codes).toContain(answer.body.code)
      }
      const good = { key: 'good', value: body.length }
      expect((await post(`${url}/shelf/commands/keep-thing`, good)).status).toBe(200)
      await settled()
      const found = async (key: string) => (await post(`${url}/reader/queries/thing-of`, { key })).body
      expect(await found('good')).toEqual(good)
      if (answer.status !== 200) return
      const sent = JSON.parse(body.replace(/^\ufeff/, '')) as { key: string; value: unknown }
      expect(JSON.stringify((await found(sent.key)).value)).toBe(JSON.stringify(sent.value))
    }),
    { numRuns: 120 },
  )
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

/** Texts that can be sent in a header. */
const headerTexts = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 80,
  }),
  fc.constantFrom(
    'reader.',
    'shelf.1.2.3',
    'shelf..0.0',
    '%',
    '%00.1.1',
    'a.1.9999999999999999',
    `${'a'.repeat(300)}.1.1`,
    ',,,',
    'x,'.repeat(500),
    '"',
    '""',
    '__proto__',
  ),
)

test('P11: any header, path and input of a live query is refused with a code or ignored, and causes no internal error', async () => {
  const { url, lines } = await running()
  const names = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    fc.constantFrom('__proto__', 'constructor', '..', '%2e%2e', '%00', '%', 'keep-thing'),
  )
  const text = (name: string) => (/^%[0-9a-f]{2}/.test(name) ? name : encodeURIComponent(name))
  await fc.assert(
    fc.asyncProperty(headerTexts, names, jsonTexts, async (header, name, input) => {
      const attempts: (readonly [path: string, init: RequestInit])[] = [
        ...['tidings-after', 'tidings-correlation-id', 'idempotency-key', 'tidings-occurred-at', 'traceparent'].map(
          (each) =>
            [
              each === 'tidings-after' ? '/reader/queries/thing-of' : '/shelf/commands/keep-thing',
              {
                method: 'POST',
                body: JSON.stringify({ key: 'k', value: 1 }),
                headers: { 'content-type': 'application/json', [each]: header },
              },
            ] as const,
        ),
        [
          `/shelf/commands/${text(name)}`,
          { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
        ],
        [
          `/${text(name)}/queries/${text(name)}`,
          { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
        ],
        [`/reader/live/things?input=${encodeURIComponent(input)}`, { headers: { 'last-event-id': header } }],
        [
          `/reader/live/things?input=${encodeURIComponent('{"key":"k"}')}&after=${encodeURIComponent(header)}`,
          { headers: { 'last-event-id': header } },
        ],
        [`/reader/live/${text(name)}?input=${encodeURIComponent(input)}`, {}],
      ]
      for (const [path, init] of attempts) {
        const abort = new AbortController()
        const response = await fetch(`${url}${path}`, { ...init, signal: abort.signal })
        const shown = `${path} ${JSON.stringify(init.headers)}`
        if (response.headers.get('content-type') === 'application/problem+json') {
          const { code } = (await response.json()) as { code: string }
          expect(code, shown).toMatch(/^[A-Za-z_-]+$/)
          if (response.status >= 500) expect([response.status, code], shown).toEqual([503, 'READ_BEHIND'])
        } else expect(response.status, shown).toBeLessThan(500)
        abort.abort()
        await response.body?.cancel().catch(() => {})
      }
      const good = await post(`${url}/shelf/commands/keep-thing`, { key: 'good', value: 1 })
      expect(good.status).toBe(200)
    }),
    { numRuns: 40 },
  )
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
