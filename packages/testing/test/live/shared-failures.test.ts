// Live queries where several instances share a store, while one of them dies, cannot read it, or is overtaken by the other between two reads.

import { TidingsError } from 'tidings'
import type { Store } from 'tidings/ports'
import type { ServiceRuntime } from 'tidings/runtime'
import { expect, onTestFinished } from 'vitest'
import { sharedEngines } from '../promises/setup/engines.ts'
import { promise } from '../promises/setup/promise-test.ts'
import { chat, follow } from './rooms.ts'
import { instanceOn, pollMs } from './two-instances.ts'

const title = 'Live queries of instances that share a store'

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
