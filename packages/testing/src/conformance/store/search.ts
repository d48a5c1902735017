// Searching the log: the basis of `tidings events` and `tidings why`.

import assert from 'node:assert/strict'
import type { EventLogSearch, Store } from 'tidings/ports'
import { commit } from '../fixtures/expectations.ts'
import { hostileKeys } from '../fixtures/hostile-input.ts'
import { numberOf, sampleEvent } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Search'

const numbers = Array.from({ length: 24 }, (_, index) => index + 1)

async function openWithConversations(open: Promise<Store>): Promise<Store> {
  const store = await open
  for (const number of numbers) {
    const event = sampleEvent(number, {
      type: number % 2 === 0 ? 'shop.even' : 'shop.odd',
      key: `key-${number % 3}`,
      correlationId: `talk-${number % 4}`,
      causationId: number === 1 ? 'command-1' : `event-${Math.floor(number / 2)}`,
    })
    await commit(store, { events: [event] })
  }
  return store
}

/** Tests of `searchEventLog`. */
export const searchTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'events are found by id, correlation, cause, type or key; every given part must match; newest first',
    run: async (place) => {
      const store = await openWithConversations(place.openStore())
      const search = async (parts: Partial<EventLogSearch>) =>
        (await store.searchEventLog({ limit: 100, ...parts })).map(numberOf)
      const where = (holds: (number: number) => boolean) => numbers.filter(holds).reverse()
      assert.deepEqual(
        await search({}),
        where(() => true),
      )
      assert.deepEqual(await search({ id: 'event-7' }), [7])
      assert.deepEqual(await search({ causationId: 'event-3' }), [7, 6])
      assert.deepEqual(
        await search({ correlationId: 'talk-1' }),
        where((number) => number % 4 === 1),
      )
      assert.deepEqual(
        await search({ type: 'shop.even' }),
        where((number) => number % 2 === 0),
      )
      assert.deepEqual(
        await search({ key: 'key-2' }),
        where((number) => number % 3 === 2),
      )
      assert.deepEqual(await search({ key: 'key-2', type: 'shop.odd', correlationId: 'talk-1' }), [17, 5])
      assert.deepEqual(await search({ id: 'event-7', type: 'shop.even' }), [])
    },
  },
  {
    topic,
    name: 'a search gives at most the limit, the newest ones',
    run: async (place) => {
      const store = await openWithConversations(place.openStore())
      const even = await store.searchEventLog({ type: 'shop.even', limit: 3 })
      assert.deepEqual(even.map(numberOf), [24, 22, 20])
      const talk = await store.searchEventLog({ correlationId: 'talk-0', limit: 2 })
      assert.deepEqual(talk.map(numberOf), [24, 20])
    },
  },
  {
    topic,
    name: 'a search by key, by type or by both gives the newest ones, at most the limit, or none',
    run: async (place) => {
      const store = await openWithConversations(place.openStore())
      const search = async (parts: Omit<EventLogSearch, 'limit'>, limit: number) =>
        (await store.searchEventLog({ ...parts, limit })).map(numberOf)
      assert.deepEqual(await search({ key: 'key-1' }, 3), [22, 19, 16])
      assert.deepEqual(await search({ key: 'key-1' }, 100), [22, 19, 16, 13, 10, 7, 4, 1])
      assert.deepEqual(await search({ type: 'shop.odd' }, 2), [23, 21])
      assert.deepEqual(await search({ key: 'key-1', type: 'shop.odd' }, 100), [19, 13, 7, 1])
      assert.deepEqual(await search({ key: 'key-1', type: 'shop.odd' }, 1), [19])
      assert.deepEqual(await search({ key: 'key-9' }, 100), [])
      assert.deepEqual(await search({ type: 'shop.none' }, 100), [])
      assert.deepEqual(await search({ key: 'key-1', type: 'shop.none' }, 100), [])
      assert.deepEqual(await search({ key: 'key-9', type: 'shop.odd' }, 100), [])
      await commit(store, { events: [sampleEvent(25, { key: 'key-1', type: 'shop.odd' })] })
      assert.deepEqual(await search({ key: 'key-1', type: 'shop.odd' }, 2), [25, 19])
    },
  },
  {
    topic,
    name: 'a search compares exactly: no case, no pattern, no part of a value',
    run: async (place) => {
      const store = await place.openStore()
      const events = hostileKeys.map((key, index) => sampleEvent(index, { key, correlationId: key, id: `i-${index}` }))
      await commit(store, { events })
      for (const [index, key] of hostileKeys.entries()) {
        assert.deepEqual((await store.searchEventLog({ key, limit: 10 })).map(numberOf), [index])
        assert.deepEqual((await store.searchEventLog({ correlationId: key, limit: 10 })).map(numberOf), [index])
      }
      assert.deepEqual(await store.searchEventLog({ id: 'i-', limit: 10 }), [])
      assert.deepEqual(await store.searchEventLog({ id: 'I-1', limit: 10 }), [])
    },
  },
  {
    topic,
    name: 'a found event is the event of the log, position included',
    run: async (place) => {
      const store = await openWithConversations(place.openStore())
      const { events } = await store.readEventLog({ after: '', limit: 100 })
      const found = await store.searchEventLog({ id: 'event-9', limit: 1 })
      assert.deepEqual(
        found.map((event) => ({ ...event })),
        [{ ...events[8] }],
      )
    },
  },
]
