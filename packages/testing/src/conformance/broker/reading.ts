// Reading a source's history: the same for every reader, every time.

import assert from 'node:assert/strict'
import { hostileJson, hostileKeys } from '../fixtures/hostile-input.ts'
import { publish } from '../fixtures/publish.ts'
import { readEverything } from '../fixtures/read-everything.ts'
import { numberOf, sampleEvent, sampleEvents } from '../fixtures/samples.ts'
import { expectPagesBySlots, expectReadBySlots, slotEvents } from '../fixtures/slots.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

/** Tests of `read`. */
export const readingTests: readonly ConformanceTest[] = [
  {
    topic: 'Ordering',
    name: 'the events of one source are read in the order they were published, by every reader, every time',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      for (let first = 1; first <= 50; first += 10) await publish(broker, store, sampleEvents(10, {}, first))
      const expected = (await store.readEventLog({ after: '', limit: 100 })).events.map((event) => ({ ...event }))
      const other = (await place.openEngine()).broker
      for (const reader of [broker, other, broker, other]) {
        for (const limit of [1, 7, 100]) {
          const found = await readEverything((request) => reader.read('alpha', request), limit)
          assert.deepEqual(
            found.map((event) => ({ ...event })),
            expected,
          )
        }
      }
    },
  },
  {
    topic: 'Ordering',
    name: 'a page that is asked for its edges names the events there, whatever their types and slots',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      for (let first = 1; first <= 8; first++)
        await publish(broker, store, [sampleEvent(first, { type: first % 4 === 0 ? 'test.rare' : 'test.common' })])
      const { events } = await store.readEventLog({ after: '', limit: 100 })
      const idAt = (position: string) => events.find((event) => event.position === position)?.id ?? ''
      const other = (await place.openEngine()).broker
      for (const reader of [broker, other]) {
        for (const filter of [
          {},
          { types: ['test.rare'] },
          { types: ['test.common'] },
          { types: ['test.none'] },
          { slots: { from: 0, to: 128 } },
          { slots: { from: 7, to: 7 } },
        ]) {
          let after = ''
          for (let pages = 0; pages < 4; pages++) {
            const page = await reader.read('alpha', { after, limit: 3, edges: true, ...filter })
            assert.deepEqual({ ...page.edges }, { after: idAt(after), next: idAt(page.next) })
            after = page.next
          }
          assert.equal(after, events.at(-1)?.position)
        }
      }
      assert.equal((await broker.read('alpha', { after: '', limit: 3 })).edges, undefined)
    },
  },
  {
    topic: 'Ordering',
    name: 'sources are apart, even if one’s name begins with the other’s',
    run: async (place) => {
      const { broker } = place.engine
      const names = ['alpha', 'alpha-2', 'alp', 'beta']
      for (const [index, name] of names.entries()) {
        const store = await place.openStore(name)
        await publish(broker, store, sampleEvents(index + 1, {}, index * 10))
      }
      for (const [index, name] of names.entries()) {
        const page = await broker.read(name, { after: '', limit: 100 })
        assert.equal(page.events.length, index + 1)
        for (const event of page.events) assert.equal(event.source, name)
      }
    },
  },
  {
    topic: 'Atomicity',
    name: 'an event is readable as a whole: every part as it was committed, byte for byte',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      const events = [
        ...hostileJson.map((data, index) => sampleEvent(index, { data, downcasts: data })),
        ...hostileKeys.map((key, index) => sampleEvent(1_000 + index, { key, principal: key })),
        sampleEvent(2_000, {
          data: null,
          entityVersion: 3,
          version: 9,
          readableFrom: 2,
          tenant: 'acme',
          traceparent: '00-1-2-01',
          tracestate: 'a=1',
        }),
      ]
      await publish(broker, store, events)
      const found = await readEverything((request) => broker.read('alpha', request), 5)
      assert.deepEqual(
        found.map(({ position, ...event }) => event),
        events,
      )
    },
  },
  {
    topic: 'Reading',
    name: 'reading on from `next` gives every event once, whatever the limit and the types',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      const events = sampleEvents(60).map((event) => ({
        ...event,
        type: numberOf(event) === 37 ? 'shop.rare' : numberOf(event) % 3 === 0 ? 'shop.b' : 'shop.a',
      }))
      await publish(broker, store, events)
      for (const types of [undefined, ['shop.b'], ['shop.rare'], ['shop.never'], ['shop.a', 'shop.rare'], []]) {
        const expected = events.filter(({ type }) => types?.includes(type) ?? true).map(numberOf)
        for (const limit of [1, 7, 1_000]) {
          const found = await readEverything((request) => broker.read('alpha', request), limit, types && { types })
          assert.deepEqual(found.map(numberOf), expected)
        }
      }
    },
  },
  {
    topic: 'Reading',
    name: 'a source that is read by slots gives every event whose key has one of them, and no other',
    run: async (place) => {
      const { broker } = place.engine
      await publish(broker, await place.openStore(), slotEvents)
      const other = (await place.openEngine()).broker
      for (const reader of [broker, other]) await expectReadBySlots((request) => reader.read('alpha', request))
    },
  },
  {
    topic: 'Reading',
    name: 'a page of a source that is read by slots shows every match up to its `next`, and the head of all slots',
    run: async (place) => {
      const { broker } = place.engine
      await publish(broker, await place.openStore(), slotEvents)
      const other = (await place.openEngine()).broker
      for (const reader of [broker, other]) await expectPagesBySlots((request) => reader.read('alpha', request))
    },
  },
  {
    topic: 'Reading',
    name: 'a page names the epoch, the head, and at its end `next` equals the request’s `after`',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      await publish(broker, store, sampleEvents(5))
      const { head } = await store.readEventLog({ after: '', limit: 1 })
      const first = await broker.read('alpha', { after: '', limit: 2 })
      assert.equal(first.epoch, store.epoch)
      assert.equal(first.head, head)
      assert.deepEqual(first.events.map(numberOf), [1, 2])
      const last = await broker.read('alpha', { after: head, limit: 2 })
      assert.deepEqual({ ...last }, { epoch: store.epoch, events: [], next: head, head })
    },
  },
  {
    topic: 'Failure',
    name: 'a source that is not known yet is an empty page with epoch undefined',
    run: async (place) => {
      const { broker } = place.engine
      const page = await broker.read('never', { after: '', limit: 10 })
      assert.deepEqual({ ...page }, { epoch: undefined, events: [], next: '', head: '' })
      assert.deepEqual(await broker.earlierEpochs('never'), [])
      const store = await place.openStore('never')
      await publish(broker, store, sampleEvents(1))
      assert.equal((await broker.read('never', { after: '', limit: 10 })).epoch, store.epoch)
    },
  },
  {
    topic: 'Failure',
    name: 'nothing acknowledged is ever lost: it is there when the publisher is closed, and when all were opened again',
    run: async (place) => {
      const publisher = await place.openEngine()
      const store = await place.openStore('alpha', publisher)
      await publish(publisher.broker, store, sampleEvents(20))
      const read = async (engine = place.engine) =>
        (await readEverything((request) => engine.broker.read('alpha', request), 6)).map(numberOf)
      const expected = sampleEvents(20).map(numberOf)
      assert.deepEqual(await read(), expected)
      await publisher.close()
      assert.deepEqual(await read(), expected)
      await place.engine.close()
      assert.deepEqual(await read(await place.openEngine()), expected)
    },
  },
  {
    topic: 'Concurrency',
    name: 'any number of readers, while one publishes: each sees the same events in the same order',
    run: async (place) => {
      const engines = [place.engine, await place.openEngine(), await place.openEngine()]
      const store = await place.openStore()
      const total = 100
      const follow = async (engine: (typeof engines)[number]) => {
        const seen: number[] = []
        for (let after = '', turn = 0; seen.length < total && turn < 50_000; turn++) {
          const page = await engine.broker.read('alpha', { after, limit: 7 })
          seen.push(...page.events.map(numberOf))
          after = page.next
          if (page.events.length === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        return seen
      }
      const readers = [...engines, ...engines].map(follow)
      for (const reader of readers) reader.catch(() => undefined)
      for (let first = 1; first <= total; first += 4) {
        await publish(place.engine.broker, store, sampleEvents(4, {}, first))
      }
      for (const reader of readers) assert.deepEqual(await reader, sampleEvents(total).map(numberOf))
    },
  },
]
