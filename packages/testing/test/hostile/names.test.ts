// Names of every kind of declaration follow one grammar, checked where they are defined; and an event that is published for any principal
// is the same event after it has crossed the wire.

import fc from 'fast-check'
import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineLiveQuery,
  defineQuery,
  defineService,
  defineTable,
  isTidingsError,
} from 'tidings'
import { readLoggedEvent, toCloudEvent } from 'tidings/contracts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { engines } from '../promises/setup/engines.ts'
import { createWorld } from '../promises/setup/world.ts'
import { shelfServices } from './shelf.ts'

const input = z.object({ id: z.string() })
const key = ({ id }: { id: string }) => id

/** Every way to define a name that leaves the process: in a subject, a statement, a path, a header. */
const definitions: Readonly<Record<string, (name: string) => unknown>> = {
  event: (name) => defineEvent(name, { owner: 'shelf', pattern: 'notification' }),
  'owner of an event': (name) => defineEvent('test.event', { owner: name, pattern: 'notification' }),
  command: (name) => defineCommand(name, { input }),
  query: (name) => defineQuery(name, { owner: 'shelf', input, output: input }),
  'live query': (name) => defineLiveQuery(name, { owner: 'shelf', input, row: input }),
  table: (name) => defineTable(name),
  effect: (name) => defineEffect(name, { input, key }),
  decider: (name) => defineDecider(name, { commands: {}, facts: {}, initialState: () => 0, decide: {}, evolve: {} }),
  service: (name) => defineService(name, {}),
  subscriber: (name) => {
    const reader = defineService('reader', {})
    const heard = defineEvent('test.event', { owner: 'shelf', pattern: 'notification' }).version(1, input).key(key)
    return reader.on(heard, { subscriber: name }, () => {})
  },
  process: (name) => defineService('reader', {}).process(name, { facts: {}, initialState: () => 0, evolve: {} }),
}

const grammar = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      '1',
      '-',
      '.',
      '*',
      '>',
      '/',
      '\\',
      '"',
      "'",
      ';',
      ' ',
      '\r\n',
      '\0',
      'А',
      'ａ',
      'ı',
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    'a.*',
    '>',
    '$SYS',
    '../etc',
    'a\r\nPUB b 1',
    "a'; DROP TABLE x; --",
    '__proto__',
    'constructor',
    'toString',
    '~facts',
    'a@2',
  ),
  fc.constantFrom('a'.repeat(121), 'a'.repeat(1_000_000), `${'a-'.repeat(100_000)}-`),
)

test.each(Object.keys(definitions))(
  'P11: the name of a %s follows the grammar, or is refused where it is defined [trap: names]',
  (kind) => {
    const define = definitions[kind] ?? (() => undefined)
    fc.assert(
      fc.property(hostile, (name) => {
        let code: string | undefined
        try {
          define(name)
        } catch (error) {
          code = isTidingsError(error) ? error.code : String(error)
        }
        if (code === undefined) expect(name).toMatch(grammar)
        else expect(code).toBe('INVALID_NAME')
      }),
    )
  },
)

test('P11: an event published for any principal is the same event after it has crossed the wire', async () => {
  const [, kind] = engines
  if (kind === undefined) throw new Error('no engine')
  const world = await createWorld(kind, shelfServices())
  const shelf = world.system.service('shelf')
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('"', '\u2028', 'x'.repeat(512), '0'),
  )
  let number = 0
  await fc.assert(
    fc.asyncProperty(
      texts,
      texts,
      fc.jsonValue(),
      fc.date({ noInvalidDate: true }),
      async (principal, correlationId, value, occurredAt) => {
        const sent = shelf.command(
          'keep-thing',
          { key: `k${number++}`, value },
          { principal, correlationId, occurredAt },
        )
        await world.run(sent).catch((error: unknown) => {
          if (!isTidingsError(error)) throw error
        })
      },
    ),
  )
  const { events } = await shelf.store.readEventLog({ after: '', limit: 1_000 })
  expect(events.length).toBeGreaterThan(50)
  for (const event of events) expect(readLoggedEvent(toCloudEvent(event))).toEqual(event)
  await world.close()
})
