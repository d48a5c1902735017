// The event log: positions that are never used twice, windows that skip nothing, and searches that find everything.

import type { Store } from 'tidings/ports'
import { expect, test } from 'vitest'
import { prepare } from '../src/database/sqlite-connection.ts'
import type { SqliteStore } from '../src/store/sqlite-store.ts'
import { append, event, publish, unit } from './processes/units.ts'
import { openEngine, temporaryFolder } from './test-engine.ts'

async function openStore(directory = temporaryFolder()): Promise<Store> {
  return (await openEngine(directory)).openStore('orders')
}

test('Ordering: a filtered read looks at as many events as it may and moves no further [trap: progress-too-far]', async () => {
  const store = await openStore()
  const types = ['a', 'b', 'b', 'b', 'a', 'b']
  await store.commit(publish(...types.map((type, index) => event(`e${index}`, { type }))))
  const read = async (after: string, limit: number) => {
    const page = await store.readEventLog({ after, limit, types: ['a'] })
    return [page.events.map(({ id }) => id), page.next, page.head]
  }
  const head = '0000000000000006'
  expect(await read('', 3)).toEqual([['e0'], '0000000000000003', head])
  expect(await read('0000000000000001', 2)).toEqual([[], '0000000000000003', head])
  expect(await read('0000000000000003', 100)).toEqual([['e4'], head, head])
  expect(await read(head, 100)).toEqual([[], head, head])
  expect((await store.readEventLog({ after: head, limit: 1, types: [] })).next).toBe(head)
})

test('events come back byte for byte [trap: payload-changed]', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const data = '{"b":1,"a":1.0,"a":2,"text":"\\u0000 \\ud83d 😀 \u2028","big":9007199254740993}'
  const full = event('e', {
    data,
    downcasts: '{"1":{ "b": 1 }}',
    entityVersion: 7,
    occurredAt: -5,
    principal: "o'hara",
    traceparent: '00-1-2-01',
    key: 'ключ',
  })
  await store.commit(publish(full, event('tombstone', { data: null })))
  const written = [
    { ...full, position: '0000000000000001' },
    { ...event('tombstone', { data: null }), position: '0000000000000002' },
  ]
  expect((await store.readEventLog({ after: '', limit: 9 })).events).toEqual(written)
  await store.close()
  const again = await openStore(folder)
  expect((await again.readEventLog({ after: '', limit: 9 })).events, 'as the file has them').toEqual(written)
})

test('what its own service reads, also right after a commit, is what other processes read from the file', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const other = await openEngine(folder)
  const all = Array.from({ length: 12 }, (_, number) => `shop.type-${number}`)
  let published = 0
  let read = ''
  for (let turn = 0; turn < 60; turn++) {
    const events = Array.from({ length: (turn * 7) % 11 }, (_, index) => {
      const number = published++
      return event(`e${number}`, {
        type: all[number % 12] as string,
        data: number % 13 === 0 ? null : JSON.stringify({ text: 'x'.repeat(number % 37 === 0 ? 9_000 : index) }),
        downcasts: number % 5 === 0 ? '{"1":{ "b": 1 }}' : null,
        entityVersion: number % 3 === 0 ? number : null,
        ...(number % 4 === 0 ? { principal: 'ada', tenant: 'a', traceparent: '00-1-2-01', tracestate: 'a=b' } : {}),
      })
    })
    const commits = [publish(...events)]
    // Rolls back what was written before it.
    if (turn % 3 === 0) commits.push({ ...publish(event('never')), rows: [{ table: 'no-such', key: '', row: null }] })
    await Promise.allSettled(commits.map((each) => store.commit(each)))
    const slots = { from: (turn * 50) % 256, to: 256 }
    for (const filtered of [
      { after: read, limit: 256, types: all },
      { after: read, limit: 3, types: all.slice(2, 4) },
      { after: read, limit: 256, slots },
      { after: read, limit: 256, slots: { from: 0, to: slots.from }, types: all.slice(5) },
      { after: '', limit: 1_000, types: all.slice(0, 9), slots },
      { after: '0000000000000020', limit: 1_000 },
    ]) {
      const request = { ...filtered, edges: true }
      expect(await store.readEventLog(request)).toEqual(await other.broker.read('orders', request))
    }
    if (turn % 2 === 0) read = (await store.readEventLog({ after: read, limit: 256 })).next
  }
  expect(published).toBeGreaterThan(250)
})

test('the last event and the last fact cannot be deleted, so no position is given out again [trap: position-reuse]', async () => {
  const store = (await openStore()) as SqliteStore
  await store.commit(unit({ events: [event('a'), event('b')], appends: [append('o', 0, 2)] }))
  for (const table of ['tidings_log', 'tidings_facts']) {
    expect(() => store.database.exec(`DELETE FROM ${table}`)).toThrow(/stays/)
    expect(prepare(store.database, `SELECT count(*) FROM ${table}`).get()).toEqual([2])
  }
})

test('searches find by id, conversation and cause, before and after a restart', async () => {
  const folder = temporaryFolder()
  const store = await openStore(folder)
  const uuid = (number: number) => `019412aa-0000-7000-8000-${String(number).padStart(12, '0')}`
  for (let batch = 0; batch < 7; batch++) {
    const numbers = Array.from({ length: 100 }, (_, index) => batch * 100 + index)
    const events = numbers.map((number) =>
      event(uuid(number), {
        correlationId: uuid(10_000 + (number % 10)),
        causationId: number === 0 ? 'request' : uuid(number - 1),
      }),
    )
    await store.commit(publish(...events))
  }
  const check = async (open: Store) => {
    for (const number of [0, 499, 500, 699]) {
      expect((await open.searchEventLog({ id: uuid(number), limit: 5 })).map(({ id }) => id)).toEqual([uuid(number)])
    }
    expect((await open.searchEventLog({ causationId: 'request', limit: 5 })).map(({ id }) => id)).toEqual([uuid(0)])
    expect(await open.searchEventLog({ id: uuid(3), correlationId: uuid(10_004), limit: 5 })).toEqual([])
    const conversation = await open.searchEventLog({ correlationId: uuid(10_003), limit: 65 })
    expect(conversation.map(({ id }) => id)).toEqual(Array.from({ length: 65 }, (_, index) => uuid(693 - index * 10)))
    expect(
      (await open.searchEventLog({ key: `order-${uuid(7)}`, type: 'shop.order-placed', limit: 5 })).map(({ id }) => id),
    ).toEqual([uuid(7)])
    expect((await open.searchEventLog({ limit: 2 })).map(({ id }) => id)).toEqual([uuid(699), uuid(698)])
    // Ids that are the same bytes are not the same id.
    expect(await open.searchEventLog({ id: uuid(7).replaceAll('-', ''), limit: 5 })).toEqual([])
  }
  await check(store)
  await store.close()
  await check(await openStore(folder))
})
