// Live queries where several instances share a store: a reader on B sees what A commits, as if B had committed it.

import { expect, onTestFinished } from 'vitest'
import { sharedEngines } from '../promises/setup/engines.ts'
import { promise } from '../promises/setup/promise-test.ts'
import { chat, follow } from './rooms.ts'
import { instanceOn, pollMs, twoInstances } from './two-instances.ts'

const title = 'Live queries of instances that share a store'

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

promise(
  title,
  'an instance that finds thousands of changes at once passes on all of them, and reads few rows at a time',
  async (kind) => {
    const a = await chat(kind)
    const { world } = a
    let keysMax = 0
    const b = await instanceOn(world, (store) => ({
      getMany: (table, keys) => {
        if (table === 'messages') keysMax = Math.max(keysMax, keys.length)
        return store.getMany(table, keys)
      },
    }))
    onTestFinished(async () => {
      await world.run(b.close())
      await a.close()
    })
    const opened = await world.run(b.live('all-messages', {}, {}))
    if (opened === undefined) throw new Error('the run was killed')
    const reader = follow(opened)
    const rowOf = (number: number, isGone = false) => {
      const key = `m-${String(number).padStart(4, '0')}`
      const json = JSON.stringify({ messageId: key, roomId: 'r1', text: `${number}` })
      return { table: 'messages', key, row: isGone ? null : { schemaVersion: 1, json, columns: ['r1'] } }
    }
    const { store } = world.system.service('rooms')
    const write = (numbers: readonly number[], isGone = false) =>
      store.commit({ checks: [], rows: numbers.map((number) => rowOf(number, isGone)), appends: [], events: [] })
    const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index)
    for (let first = 0; first < 5_000; first += 300) await write(upTo(300, first))
    await write(upTo(100), true)
    await write([7])
    await world.advance(2 * pollMs)
    expect(reader.items.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1)
    expect(reader.rows.size).toBe(5_100 - 100 + 1)
    const shown = reader.items.flatMap((item) => (item.kind === 'put' && item.key !== 'm-0007' ? [item.key] : []))
    expect(shown).toEqual([...shown].sort())
    expect(keysMax).toBeLessThanOrEqual(1_300)
  },
  sharedEngines,
)
