// The event log of a store: positions, pages, and filters that never skip an event.

import assert from 'node:assert/strict'
import { distance, type Store } from 'tidings/ports'
import { commit } from '../fixtures/expectations.ts'
import { readEverything } from '../fixtures/read-everything.ts'
import { numberOf, sampleEvent, sampleEvents } from '../fixtures/samples.ts'
import { expectPagesBySlots, expectReadBySlots, slotEvents } from '../fixtures/slots.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Log'

const types = ['shop.a', 'shop.b', 'shop.rare']

/** Sixty events; one in three is of type b, and only number 37 is rare. */
async function openWithEvents(open: Promise<Store>): Promise<Store> {
  const store = await open
  const typeOf = (number: number) => (number === 37 ? 'shop.rare' : number % 3 === 0 ? 'shop.b' : 'shop.a')
  for (let first = 1; first <= 60; first += 5) {
    await commit(store, { events: sampleEvents(5, {}, first).map((e) => ({ ...e, type: typeOf(numberOf(e)) })) })
  }
  return store
}

async function openWithSlots(open: Promise<Store>): Promise<Store> {
  const store = await open
  for (let first = 0; first < slotEvents.length; first += 7)
    await commit(store, { events: slotEvents.slice(first, first + 7) })
  return store
}

/** Tests of the log. */
export const logTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'an empty log is an empty page of the store’s epoch, at the beginning',
    run: async (place) => {
      const store = await place.openStore()
      const page = await store.readEventLog({ after: '', limit: 10 })
      assert.deepEqual({ ...page }, { epoch: store.epoch, events: [], next: '', head: '' })
    },
  },
  {
    topic,
    name: 'an event comes back with every part it was committed with, and its source is the store’s service',
    run: async (place) => {
      const store = await place.openStore()
      const events = [
        sampleEvent(1),
        sampleEvent(2, { data: null, entityVersion: 0 }),
        sampleEvent(3, { version: 4, readableFrom: 2, downcasts: '{"1":{"b":1,"a":2}}', entityVersion: 7 }),
        sampleEvent(4, {
          principal: 'anna',
          tenant: 'acme',
          traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
          tracestate: 'rojo=1,congo=2',
        }),
        sampleEvent(5, { occurredAt: -62_135_596_800_000, recordedAt: 2 ** 53 - 1, causedBy: 'handler/x' }),
      ]
      await commit(store, { events })
      const page = await store.readEventLog({ after: '', limit: 10 })
      assert.deepEqual(
        page.events.map((event) => ({ ...event })),
        events.map((event, index) => ({ ...event, position: page.events[index]?.position })),
      )
    },
  },
  {
    topic,
    name: 'Ordering: positions are given in the order of commit, as zero-padded decimals that compare by code units',
    run: async (place) => {
      const store = await openWithEvents(place.openStore())
      const page = await store.readEventLog({ after: '', limit: 1_000 })
      assert.deepEqual(
        page.events.map(numberOf),
        Array.from({ length: 60 }, (_, index) => index + 1),
      )
      const positions = page.events.map(({ position }) => position)
      for (const position of positions) assert.match(position, /^\d{16}$/)
      assert.deepEqual(positions, [...new Set(positions)].sort())
      const between = distance(positions[0] ?? '', positions.at(-1) ?? '')
      assert.ok(between >= 59, 'the difference of two positions is the most events between them')
    },
  },
  {
    topic,
    name: 'eventLogHead is the position of the last event of the unit, or of the log’s last if it published none',
    run: async (place) => {
      const store = await place.openStore()
      assert.equal((await commit(store, {})).eventLogHead, '')
      const { eventLogHead } = await commit(store, { events: sampleEvents(3) })
      const page = await store.readEventLog({ after: '', limit: 10 })
      assert.equal(eventLogHead, page.events.at(-1)?.position)
      assert.equal(page.head, eventLogHead)
      assert.equal((await commit(store, {})).eventLogHead, eventLogHead)
    },
  },
  {
    topic,
    name: 'a page has at most the limit, begins behind `after`, and ends at `next`',
    run: async (place) => {
      const store = await openWithEvents(place.openStore())
      const first = await store.readEventLog({ after: '', limit: 7 })
      assert.deepEqual(first.events.map(numberOf), [1, 2, 3, 4, 5, 6, 7])
      assert.equal(first.next, first.events.at(-1)?.position)
      const second = await store.readEventLog({ after: first.next, limit: 2 })
      assert.deepEqual(second.events.map(numberOf), [8, 9])
      assert.equal(second.head, first.head)
    },
  },
  {
    topic,
    name: 'at the end of the log, `next` equals the request’s `after`',
    run: async (place) => {
      const store = await openWithEvents(place.openStore())
      const { head } = await store.readEventLog({ after: '', limit: 1 })
      const page = await store.readEventLog({ after: head, limit: 5 })
      assert.deepEqual({ ...page }, { epoch: store.epoch, events: [], next: head, head })
    },
  },
  {
    topic,
    name: 'reading on from `next` gives every event once, whatever the limit and the types',
    run: async (place) => {
      const store = await openWithEvents(place.openStore())
      const all = (await store.readEventLog({ after: '', limit: 1_000 })).events
      for (const wanted of [undefined, ['shop.b'], ['shop.rare'], types, ['shop.never'], ['shop.a', 'shop.rare'], []]) {
        const expected = all.filter(({ type }) => wanted?.includes(type) ?? true).map(numberOf)
        for (const limit of [1, 2, 7, 1_000]) {
          const found = await readEverything(
            (request) => store.readEventLog(request),
            limit,
            wanted && { types: wanted },
          )
          assert.deepEqual(found.map(numberOf), expected, `limit ${limit}, types ${wanted?.join(' ') ?? 'all'}`)
        }
      }
    },
  },
  {
    topic,
    name: 'a filtered page shows every match up to its `next`: everything up to there has been looked at',
    run: async (place) => {
      const store = await openWithEvents(place.openStore())
      const all = (await store.readEventLog({ after: '', limit: 1_000 })).events
      for (const { position: after } of [{ position: '' }, ...all]) {
        for (const limit of [1, 4, 20]) {
          const page = await store.readEventLog({ after, limit, types: ['shop.b'] })
          const matches = all.filter((e) => e.type === 'shop.b' && e.position > after && e.position <= page.next)
          assert.deepEqual(page.events.map(numberOf), matches.map(numberOf))
        }
      }
    },
  },
  {
    topic,
    name: 'a read by slots gives every event whose key has one of them, and no other, whatever the limit and the types',
    run: async (place) => {
      const store = await openWithSlots(place.openStore())
      await expectReadBySlots((request) => store.readEventLog(request))
    },
  },
  {
    topic,
    name: 'a page by slots shows every match up to its `next`, and its head is that of all slots',
    run: async (place) => {
      const store = await openWithSlots(place.openStore())
      await expectPagesBySlots((request) => store.readEventLog(request))
    },
  },
]
