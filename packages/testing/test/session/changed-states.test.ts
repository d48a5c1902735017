// A state that user code changes where it should only read it: the change is gone with the command, and the next one starts from the facts.

import { defineCommand, defineDecider, defineQuery, defineService, fact } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession } from '../../src/index.ts'

const input = z.object({ id: z.string(), how: z.string() })
const Add = defineCommand('add', { input, output: z.object({ seen: z.number() }), key: ({ id }) => id })
const Peek = defineCommand('peek', { input })
const Seen = defineQuery('seen', { owner: 'lists', input: z.object({ id: z.string() }), output: z.number() })

class Box {
  items: string[] = []
}

/** States of every kind: what `decide` may spoil in them, and how many items they hold. */
const kinds = {
  plain: { initial: () => ({ items: [] as string[] }), items: (state: never) => (state as { items: string[] }).items },
  nested: {
    initial: () => ({ a: { b: [{ items: [] as string[] }] }, at: new Date(0) }),
    items: (state: never) => (state as { a: { b: { items: string[] }[] } }).a.b[0]?.items ?? [],
  },
  map: {
    initial: () => new Map([['items', [] as string[]]]),
    items: (state: never) => (state as Map<string, string[]>).get('items') ?? [],
  },
  'class instance': { initial: () => new Box(), items: (state: never) => (state as Box).items },
} as const

function listsOf(kind: keyof typeof kinds) {
  const { initial, items } = kinds[kind]
  const list = defineDecider('list', {
    commands: { Add },
    facts: { added: fact(z.object({ text: z.string() })) },
    initialState: initial as () => object,
    decide: {
      Add: ({ how }, state, { facts, answer, reject }) => {
        const seen = items(state as never).length
        items(state as never).push('spoilt', 'spoilt')
        if (how === 'reject') return reject('no', 'No.')
        if (how === 'throw') throw new Error('no')
        return answer({ seen }, how === 'nothing' ? [] : facts.added({ text: how }))
      },
    },
    evolve: {
      // It changes the state that it is given, which it should not, but may.
      added: (state, { text }) => {
        items(state as never).push(text)
        if (text === 'bad') throw new Error('bad')
        return state
      },
    },
  })
  const definition = defineService('lists')
  return definition.with({
    list: definition.decider(list),
    peek: definition.command(Peek, {}, async ({ id }, { streams }) => {
      const { state } = await streams.load(list, id)
      items(state as never).push('spoilt')
    }),
    seen: definition.query(
      Seen,
      async ({ id }, { streams }) => items((await streams.load(list, id)).state as never).length,
    ),
  })
}

test.each(['plain', 'nested', 'map'] as const)(
  'a state that decide, evolve or a reader changes (%s) spoils no later command',
  (kind) =>
    inSession({ services: [listsOf(kind)] }, async (session) => {
      const lists = session.runtime('lists')
      const run = (how: string) =>
        session.drive(lists.command('add', { id: 'l', how })).then(
          (answer) => answer,
          (error: unknown) => error,
        )
      const facts = async () =>
        (await session.drive(Promise.resolve(lists.store.readStream('list', 'l', 0, 99)))).length
      expect(await run('one')).toMatchObject({ output: { seen: 0 } })
      for (const how of ['reject', 'throw', 'nothing', 'bad', 'reject']) {
        await run(how)
        await session.drive(lists.command('peek', { id: 'l', how }))
        expect(await session.drive(lists.query('seen', { id: 'l' })), how).toBe(1)
        expect(await run('nothing'), how).toMatchObject({ output: { seen: 1 } })
      }
      expect(await run('two')).toMatchObject({ output: { seen: 1 } })
      expect(await run('three')).toMatchObject({ output: { seen: 2 } })
      expect(await facts()).toBe(3)
    }),
)

test('a state that cannot be copied is read from its facts for every command', () =>
  inSession({ services: [listsOf('class instance')] }, async (session) => {
    const lists = session.runtime('lists')
    for (let seen = 0; seen < 4; seen++) {
      expect(await session.drive(lists.command('add', { id: 'l', how: 'reject' }))).toMatchObject({ accepted: false })
      expect(await session.drive(lists.command('add', { id: 'l', how: 'x' }))).toMatchObject({ output: { seen } })
    }
  }))
