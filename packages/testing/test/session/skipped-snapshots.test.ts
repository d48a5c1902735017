// A snapshot is a cache: if it cannot be written or read, that is logged once, and commands go on.

import { defineCommand, defineDecider, defineService, fact } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const Add = defineCommand('add', {
  input: z.object({ id: z.string(), text: z.string() }),
  output: z.object({ count: z.number() }),
  key: ({ id }) => id,
})

function service(initialState: () => object) {
  const list = defineDecider('list', {
    commands: { Add },
    facts: { added: fact(z.object({ text: z.string() })) },
    initialState: () => ({ ...initialState(), texts: [] as string[] }),
    decide: {
      Add: ({ text }, { texts }, { facts, answer }) => answer({ count: texts.length + 1 }, facts.added({ text })),
    },
    evolve: { added: (state, { text }) => ({ ...state, texts: [...state.texts, text] }) },
    snapshot: { every: 2, version: 1 },
  })
  const definition = defineService('lists', { limits: { payloadBytesMax: 1_000 } })
  return definition.with({ list: definition.decider(list) })
}

const warnings = (lines: readonly { level: string; message: string; fields: unknown }[]) =>
  lines.filter(({ message }) => message.startsWith('A snapshot cannot be written'))

test.each([
  ['a Map in the state', () => ({ map: new Map() }), 10, 'PAYLOAD_NOT_JSON'],
  ['a state that has outgrown payloadBytesMax', () => ({}), 200, 'PAYLOAD_TOO_LARGE'],
  [
    'a getter that throws',
    () =>
      Object.defineProperty({}, 'bad', {
        enumerable: true,
        get: () => {
          throw new Error('no')
        },
      }),
    10,
    'HANDLER_FAILED',
  ],
])('%s refuses no command: the snapshot is skipped and logged once', (what, initialState, length, code) =>
  inSession(
    { services: [service(what.startsWith('a getter') ? () => ({ lazy: initialState() }) : initialState)] },
    async (session) => {
      const lists = session.runtime('lists')
      for (let number = 1; number <= 12; number++) {
        const said = { id: number % 2 === 0 ? 'l-1' : 'l-2', text: 'x'.repeat(length) }
        expect(await session.drive(lists.command('add', said))).toMatchObject({
          output: { count: Math.ceil(number / 2) },
        })
      }
      expect(warnings(session.log)).toMatchObject([
        { level: 'warn', fields: { decider: 'list', stream: expect.any(String), code, error: expect.any(String) } },
      ])
    },
  ),
)

test('a snapshot that cannot be read is left out, and the stream is read from its facts', () =>
  inSession({ services: [service(() => ({}))] }, async (session) => {
    const add = () => session.drive(session.runtime('lists').command('add', { id: 'l-1', text: 'x' }))
    await add()
    await add()
    const { store } = session.runtime('lists')
    const [row] = await session.drive(Promise.resolve(store.find({ table: 'tidings.snapshots', limit: 1 })))
    expect(row?.key).toBe('list/l-1')
    await session.drive(
      store.commit({
        checks: [],
        appends: [],
        events: [],
        rows: [
          { table: 'tidings.snapshots', key: 'list/l-1', row: { schemaVersion: 1, json: '{"shape":1,', columns: [] } },
        ],
      }),
    )
    await session.stop('lists')
    await session.start(service(() => ({})))
    expect(await add()).toMatchObject({ output: { count: 3 } })
  }))
