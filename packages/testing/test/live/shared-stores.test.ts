// Live queries where several instances share a store: a reader on B sees what A commits, as if B had committed it.

import { TidingsError } from 'tidings'
import type { Store } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import { expect, onTestFinished } from 'vitest'
import { anotherInstance } from '../promises/setup/another-instance.ts'
import { type EngineKind, sharedEngines } from '../promises/setup/engines.ts'
import { promise } from '../promises/setup/promise-test.ts'
import type { World } from '../promises/setup/world.ts'
import { chat, follow, type RoomsOptions } from './rooms.ts'

const title = 'Live queries of instances that share a store'
const pollMs = 1_000

/** A chat with two instances: A posts, B is the one that is read, unless a test says otherwise. */
async function twoInstances(kind: EngineKind, options: RoomsOptions = {}) {
  const a = await chat(kind, options)
  const { world } = a
  const b = await anotherInstance(world, 'rooms')
  const input = (messageId: string, text: string, roomId = 'r1') => ({ messageId, text, roomId })
  onTestFinished(async () => {
    await world.run(b.close())
    await a.close()
  })
  return {
    a,
    b,
    world,
    /** Everything that was committed until now has been seen. */
    seen: () => world.advance(2 * pollMs),
    postOnB: (...row: Parameters<typeof input>) => world.run(b.command('post', input(...row))),
    takeOnB: (messageId: string) => world.run(b.command('take', { messageId })),
    readOnB: async (name = 'room-messages', of: object = { roomId: 'r1' }, after?: string) => {
      const reader = await world.run(b.live(name, of, after === undefined ? {} : { after }))
      if (reader === undefined) throw new Error('the run was killed')
      return reader
    },
  }
}

/** An instance whose store is wrapped, and with it what happens to the calls of that instance alone. */
async function instanceOn(world: World, wrap: (store: Store) => Partial<Store>): Promise<ServiceRuntime> {
  const { declaration, environment } = world.system.service('rooms')
  const engine = await world.engine.driver.open(environment)
  const store = await engine.openStore('rooms')
  const instance = await world.run(
    ServiceRuntime.create(declaration, {
      store: { ...store, ...wrap(store) },
      broker: engine.broker,
      environment,
      lookups: world.system.lookups,
    }),
  )
  if (instance === undefined) throw new Error('the run was killed')
  return instance
}

promise(
  title,
  'a reader on B sees 2,000 of 2,000 changes that A commits',
  async (kind) => {
    const { a, readOnB, seen } = await twoInstances(kind)
    const reader = follow(await readOnB())
    for (let number = 1; number <= 2_000; number++) await a.post(`m-${number}`, `${number}`)
    await seen()
    expect(reader.items.filter(({ kind }) => kind === 'put')).toHaveLength(2_000)
    expect(reader.items.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1)
    expect(reader.rows.size).toBe(2_000)
  },
  sharedEngines,
)

promise(
  title,
  'a reader on B sees what A changes, moves elsewhere, brings back and deletes, each once and in order',
  async (kind) => {
    const { a, readOnB, seen } = await twoInstances(kind)
    await a.post('a', 'one')
    const reader = follow(await readOnB())
    await a.post('b', 'two')
    await a.post('c', 'elsewhere', 'r2')
    await seen()
    await a.post('a', 'moved', 'r2')
    await a.take('b')
    await seen()
    await a.post('a', 'back')
    await a.post('h', 'hidden')
    await seen()
    expect(reader.story).toBe('snapshot a · put b · remove a · remove b · put a')
    expect([...reader.rows]).toEqual([['a', { messageId: 'a', text: 'back' }]])
  },
  sharedEngines,
)

promise(
  title,
  'what A publishes wakes the readers of B; nothing waits for the next look',
  async (kind) => {
    const { a, world, readOnB } = await twoInstances(kind)
    const reader = follow(await readOnB())
    await a.post('a', 'one')
    await world.advance(pollMs / 10)
    expect(reader.story).toBe('snapshot · put a')
  },
  sharedEngines,
)

promise(
  title,
  'readers of B see what B commits at once, after what A has committed before',
  async (kind) => {
    const { a, world, readOnB, postOnB, takeOnB } = await twoInstances(kind)
    const reader = follow(await readOnB('all-messages', {}))
    const notes = follow(await readOnB('room-notes'))
    await a.note('n', 'an inline read model has no event that wakes anybody')
    await a.post('a', 'question')
    await postOnB('b', 'answer')
    await takeOnB('a')
    await world.advance(1)
    expect(reader.story).toBe('snapshot · put a · put b · remove a')
    await world.advance(2 * pollMs)
    expect(notes.story).toBe('snapshot · put n')
  },
  sharedEngines,
)

promise(
  title,
  'both write the same rows: readers of either have what the table has, and no row goes back',
  async (kind) => {
    const { a, world, readOnB, postOnB, takeOnB, seen } = await twoInstances(kind)
    const readers = [follow(await a.read()), follow(await readOnB())]
    const write = async (on: 'a' | 'b') => {
      for (let number = 1; number <= 60; number++) {
        const key = `m-${number % 7}`
        if (number % 5 === 0) await (on === 'a' ? a.take(key) : takeOnB(key))
        else await (on === 'a' ? a.post(key, `${on}-${number}`) : postOnB(key, `${on}-${number}`))
      }
    }
    await Promise.all([write('a'), write('b')])
    await seen()
    const { store } = world.system.service('rooms')
    const rows = (await world.run(Promise.resolve(store.find({ table: 'messages', limit: 100 })))) ?? []
    const expected = rows.map(({ key, json }) => [key, (JSON.parse(json) as { text: string }).text])
    for (const { rows: shown, items } of readers) {
      expect([...shown].map(([key, row]) => [key, (row as { text: string }).text]).sort()).toEqual(expected)
      for (const own of ['a', 'b']) {
        const numbers = items.flatMap((item) => {
          const { text = '' } = item.kind === 'put' ? (item.row as { text: string }) : {}
          return text.startsWith(own) ? [Number(text.slice(2))] : []
        })
        expect(new Set(numbers).size, 'each once').toBe(numbers.length)
      }
    }
  },
  sharedEngines,
)

promise(
  title,
  'an instance that is too far behind gives its readers a new snapshot, and they miss nothing',
  async (kind) => {
    const { a, b, readOnB, seen } = await twoInstances(kind, { limits: { changesKeptMax: 5 } })
    await a.post('old', 'one')
    const reader = follow(await readOnB())
    const { store } = b
    // No event wakes it, so it looks when the table has changed far more often than is kept.
    const rows = Array.from({ length: 40 }, (_, n) => ({
      table: 'messages',
      key: `m-${n}`,
      row: {
        schemaVersion: 1,
        json: JSON.stringify({ messageId: `m-${n}`, roomId: 'r1', text: `${n}` }),
        columns: ['r1'],
      },
    }))
    for (const row of rows) await store.commit({ checks: [], rows: [row], appends: [], events: [] })
    await store.commit({
      checks: [],
      rows: [{ table: 'messages', key: 'old', row: null }],
      appends: [],
      events: [],
    })
    await seen()
    await a.post('after', 'one')
    await seen()
    expect(reader.items.map(({ kind }) => kind)).toEqual(['snapshot', 'snapshot', 'put'])
    expect(reader.rows.size).toBe(41)
    expect(reader.rows.has('old')).toBe(false)
  },
  sharedEngines,
)

for (const [what, name, mode] of [
  ['a projection', 'room-notes', 'async'],
  ['an inline projection', 'room-notes', 'inline'],
  ['a replica', 'room-copies', 'async'],
] as const)
  promise(
    title,
    `A switches to a new generation of ${what}: readers of B follow it and miss nothing`,
    async (kind) => {
      const b = await chat(kind, { mode })
      const { world } = b
      const [service, readModel] =
        name === 'room-notes' ? (['rooms', 'notes'] as const) : (['mirror', 'copies'] as const)
      const a = await anotherInstance(world, service)
      onTestFinished(async () => {
        await world.run(a.close())
        await b.close()
      })
      // Only A commits, so B is not told of the switch by a conflict.
      const write = (messageId: string, text: string) =>
        name === 'room-notes'
          ? world.run(a.command('note', { messageId, roomId: 'r1', text }))
          : b.post(messageId, text)
      await write('before', 'one')
      await world.settle()
      const follower = follow(await b.read(name))
      await write('during', 'two')
      await world.run(a.rebuild(readModel))
      await write('after', 'three')
      await world.settle()
      await world.advance(2 * pollMs)
      expect([...follower.rows.keys()].sort()).toEqual(['after', 'before', 'during'])
      const late = follow(await b.read(name))
      await write('last', 'four')
      await world.settle()
      await world.advance(2 * pollMs)
      for (const { rows } of [follower, late])
        expect([...rows.keys()].sort()).toEqual(['after', 'before', 'during', 'last'])
    },
    sharedEngines,
  )

promise(
  title,
  'A has switched before the first reader comes to B: it gets the rows of the new generation',
  async (kind) => {
    const b = await chat(kind, { mode: 'inline' })
    const { world } = b
    const a = await anotherInstance(world, 'rooms')
    onTestFinished(async () => {
      await world.run(a.close())
      await b.close()
    })
    await world.run(a.command('note', { messageId: 'a', roomId: 'r1', text: 'one' }))
    await world.settle()
    await world.run(a.rebuild('notes'))
    await world.run(a.command('note', { messageId: 'b', roomId: 'r1', text: 'two' }))
    const reader = follow(await b.read('room-notes'))
    await world.run(a.command('note', { messageId: 'c', roomId: 'r1', text: 'three' }))
    await world.settle()
    await world.advance(2 * pollMs)
    expect([...reader.rows.keys()].sort()).toEqual(['a', 'b', 'c'])
  },
  sharedEngines,
)

promise(
  title,
  'A dies between a commit and its answer: readers of B have everything that it has committed',
  async (kind) => {
    const b = await chat(kind)
    onTestFinished(() => b.close())
    const { world } = b
    const death = Promise.withResolvers<void>()
    let count = 0
    const a = await instanceOn(world, (store) => ({
      commit: async (unit) => {
        if (count >= 7) return new Promise(() => {})
        const result = await store.commit(unit)
        if (unit.rows.some(({ table }) => table === 'messages')) count++
        if (count < 7) return result
        death.resolve()
        return new Promise(() => {})
      },
    }))
    const reader = follow(await b.read('all-messages', {}))
    const posting = (async () => {
      for (let number = 1; number <= 20; number++)
        await a.command('post', { messageId: `m-${number}`, roomId: 'r1', text: 'one' })
    })()
    posting.catch(() => {})
    await world.run(death.promise)
    await world.advance(2 * pollMs)
    await b.post('own', 'two')
    await world.advance(1)
    expect(reader.story).toBe(`snapshot · ${[1, 2, 3, 4, 5, 6, 7].map((n) => `put m-${n}`).join(' · ')} · put own`)
  },
  sharedEngines,
)

promise(
  title,
  'while B cannot read the changes, the log says so and its readers wait; then they get what they have missed',
  async (kind) => {
    const a = await chat(kind)
    onTestFinished(() => a.close())
    const { world } = a
    let isAway = false
    let isBehind = false
    const b = await instanceOn(world, (store) => ({
      readChanges: async (request) => {
        if (isAway) throw new TidingsError('STORE_UNAVAILABLE', 'The network is away.')
        return (await store.readChanges?.(request)) ?? { changes: [], next: 0, isComplete: false }
      },
      getMany: async (table, keys) => {
        if (isBehind && table === 'messages') throw new TidingsError('STORE_UNAVAILABLE', 'The network is away again.')
        return store.getMany(table, keys)
      },
    }))
    onTestFinished(async () => void (await world.run(b.close())))
    const reader = await world.run(b.live('all-messages', {}, {}))
    if (reader === undefined) throw new Error('the run was killed')
    const follower = follow(reader)
    isAway = true
    await a.post('a', 'one')
    await a.post('b', 'two')
    await a.take('a')
    await world.advance(5 * pollMs)
    expect(follower.story).toBe('snapshot')
    expect(
      world.lines.filter(({ message }) => message.includes('do not see what other instances change')),
    ).toHaveLength(1)
    isAway = false
    isBehind = true
    await world.advance(2 * pollMs)
    expect(follower.story).toBe('snapshot')
    isBehind = false
    await world.advance(2 * pollMs)
    expect(follower.story).toBe('snapshot · put b')
    expect(follower.rows.size).toBe(1)
  },
  sharedEngines,
)

promise(
  title,
  'A changes a row again and again while B reads it: each state is shown once, and never one older than before',
  async (kind) => {
    const a = await chat(kind)
    onTestFinished(() => a.close())
    const { world } = a
    let number = 0
    const write = (store: Store, row: object | null) =>
      store.commit({
        checks: [],
        rows: [
          {
            table: 'messages',
            key: 'a',
            row: row === null ? null : { schemaVersion: 1, json: JSON.stringify(row), columns: ['r1'] },
          },
        ],
        appends: [],
        events: [],
      })
    // Between the changes and the rows, and between the rows and the changes, others commit: a row comes back, or is gone.
    const b = await instanceOn(world, (store) => ({
      getMany: async (table, keys) => {
        if (table === 'messages' && number < 40) {
          number++
          await write(store, number % 3 === 0 ? null : { messageId: 'a', roomId: 'r1', text: `${number}` })
        }
        const rows = await store.getMany(table, keys)
        if (table === 'messages' && number < 40) {
          number++
          await write(store, { messageId: 'a', roomId: 'r1', text: `${number}` })
        }
        return rows
      },
    }))
    onTestFinished(async () => void (await world.run(b.close())))
    const reader = await world.run(b.live('all-messages', {}, {}))
    if (reader === undefined) throw new Error('the run was killed')
    const follower = follow(reader)
    await a.post('a', '0')
    await world.advance(50 * pollMs)
    const shown = follower.items.flatMap((item) => (item.kind === 'put' ? [(item.row as { text: string }).text] : []))
    const numbers = shown.map(Number)
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
    expect(follower.rows.get('a')).toMatchObject({ text: '40' })
  },
  sharedEngines,
)

promise(
  title,
  'a row that is gone when B reads it does not come back as B itself has written it before',
  async (kind) => {
    const a = await chat(kind)
    onTestFinished(() => a.close())
    const { world } = a
    await a.post('a', 'first')
    let isFirst = true
    let b: ServiceRuntime | undefined
    b = await instanceOn(world, (store) => ({
      getMany: async (table, keys) => {
        if (table === 'messages' && isFirst) {
          isFirst = false
          await b?.command('post', { messageId: 'a', roomId: 'r1', text: 'own' })
          const gone = { table, key: 'a', row: null }
          await store.commit({ checks: [], rows: [gone], appends: [], events: [] })
        }
        return store.getMany(table, keys)
      },
    }))
    onTestFinished(async () => void (await world.run(b?.close() ?? Promise.resolve())))
    const reader = await world.run(b.live('all-messages', {}, {}))
    if (reader === undefined) throw new Error('the run was killed')
    const follower = follow(reader)
    await a.post('a', 'second')
    await world.advance(2 * pollMs)
    expect(follower.story).toBe('snapshot a · put a · remove a')
  },
  sharedEngines,
)

promise(
  title,
  'a row that B itself has changed when B reads it is shown once',
  async (kind) => {
    const a = await chat(kind)
    onTestFinished(() => a.close())
    const { world } = a
    let isFirst = true
    let b: ServiceRuntime | undefined
    b = await instanceOn(world, (store) => ({
      getMany: async (table, keys) => {
        if (table === 'messages' && isFirst) {
          isFirst = false
          await b?.command('post', { messageId: 'a', roomId: 'r1', text: 'own' })
        }
        return store.getMany(table, keys)
      },
    }))
    onTestFinished(async () => void (await world.run(b?.close() ?? Promise.resolve())))
    const reader = await world.run(b.live('all-messages', {}, {}))
    if (reader === undefined) throw new Error('the run was killed')
    const follower = follow(reader)
    await a.post('a', 'other')
    await world.advance(2 * pollMs)
    expect(follower.story).toBe('snapshot · put a')
    expect(follower.rows.get('a')).toMatchObject({ text: 'own' })
  },
  sharedEngines,
)

promise(
  title,
  'a reader that comes to B gets what A had committed by then, however long ago B has looked',
  async (kind) => {
    const { a, b, readOnB } = await twoInstances(kind)
    const first = follow(await readOnB())
    const { store } = b
    const json = JSON.stringify({ messageId: 'a', roomId: 'r1', text: 'no event' })
    const row = { table: 'messages', key: 'a', row: { schemaVersion: 1, json, columns: ['r1'] } }
    await store.commit({ checks: [], rows: [row], appends: [], events: [] })
    const second = follow(await readOnB())
    await a.world.advance(1)
    expect(second.story).toBe('snapshot a')
    expect(first.story).toBe('snapshot · put a')
  },
  sharedEngines,
)

promise(
  title,
  'a reader that reconnects to B goes on after its last item, whoever has made the changes since',
  async (kind) => {
    const { a, readOnB, seen, postOnB } = await twoInstances(kind)
    const first = await readOnB()
    const { value: snapshot } = await first.next()
    first.close()
    // Another reader keeps the view as it is.
    const kept = follow(await readOnB())
    await a.post('a', 'one')
    await postOnB('b', 'two')
    await seen()
    const again = follow(await readOnB('room-messages', { roomId: 'r1' }, snapshot?.id))
    await a.post('c', 'three')
    await seen()
    expect(again.story).toBe('put a · put b · put c')
    expect(kept.story).toBe('snapshot · put a · put b · put c')
  },
  sharedEngines,
)
