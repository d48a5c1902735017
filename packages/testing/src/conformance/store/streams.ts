// Streams of facts: versions without gaps, and one history in the order of the commits.

import assert from 'node:assert/strict'
import type { Store, StoredFact } from 'tidings/ports'
import { commit, partsOf } from '../fixtures/expectations.ts'
import { sampleAppend, sampleFact } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Streams'

const places = (facts: readonly StoredFact[]) =>
  facts.map(({ category, stream, streamVersion }) => `${category}/${stream}/${streamVersion}`)

/** Six commits over three streams of two categories. */
async function openWithHistory(open: Promise<Store>): Promise<Store> {
  const store = await open
  await commit(store, { appends: [sampleAppend('a', 0, 2)] })
  await commit(store, { appends: [sampleAppend('b', 0, 1), sampleAppend('x', 0, 2, 'cart')] })
  await commit(store, { appends: [sampleAppend('a', 2, 1)] })
  await commit(store, { appends: [sampleAppend('x', 2, 3, 'cart')] })
  await commit(store, { appends: [sampleAppend('b', 1, 1)] })
  return store
}

const history = 'order/a/1 order/a/2 order/b/1 cart/x/1 cart/x/2 order/a/3 cart/x/3 cart/x/4 cart/x/5 order/b/2'.split(
  ' ',
)

/** Tests of streams and of the history of facts. */
export const streamTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'Ordering: facts of one stream have the versions 1, 2, 3, … without gaps; 0 if there is none',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      assert.equal(await store.streamVersion('order', 'never'), 0)
      assert.equal(await store.streamVersion('cart', 'a'), 0)
      assert.equal(await store.streamVersion('order', 'a'), 3)
      assert.equal(await store.streamVersion('cart', 'x'), 5)
      const facts = await store.readStream('cart', 'x', 0, 100)
      assert.deepEqual(
        facts.map(({ streamVersion }) => streamVersion),
        [1, 2, 3, 4, 5],
      )
      assert.deepEqual(await store.readStream('order', 'never', 0, 100), [])
    },
  },
  {
    topic,
    name: 'readStream gives the facts behind a version, oldest first, at most the limit',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      const read = async (after: number, limit: number) => places(await store.readStream('cart', 'x', after, limit))
      assert.deepEqual(await read(0, 2), ['cart/x/1', 'cart/x/2'])
      assert.deepEqual(await read(2, 2), ['cart/x/3', 'cart/x/4'])
      assert.deepEqual(await read(4, 100), ['cart/x/5'])
      assert.deepEqual(await read(5, 100), [])
    },
  },
  {
    topic,
    name: 'a fact comes back with every part it was appended with, by its stream and in the history',
    run: async (place) => {
      const store = await place.openStore()
      const facts = [
        sampleFact(1, { type: 'placed', version: 3, data: ' {"b":1,"a":2} ', principal: 'anna', tenant: 'acme' }),
        sampleFact(2, { occurredAt: -1, recordedAt: 2 ** 53 - 1, principal: null, causedBy: 'handler/x' }),
      ]
      await commit(store, { appends: [{ category: 'order', stream: 'a', expectedVersion: 0, facts }] })
      const stored = await store.readStream('order', 'a', 0, 10)
      const expected = facts.map((fact, index) => ({
        ...fact,
        category: 'order',
        stream: 'a',
        streamVersion: index + 1,
        position: stored[index]?.position,
      }))
      assert.deepEqual(stored.map(partsOf), expected)
      const page = await store.readFacts({ after: '', limit: 10 })
      assert.deepEqual(page.facts.map(partsOf), expected)
    },
  },
  {
    topic,
    name: 'Ordering: facts of all streams are read in the order they were committed, their positions growing',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      const page = await store.readFacts({ after: '', limit: 100 })
      assert.deepEqual(places(page.facts), history)
      const positions = page.facts.map(({ position }) => position)
      assert.deepEqual(positions, [...new Set(positions)].sort())
      for (const position of positions) assert.match(position, /^\d{16}$/)
      assert.equal(page.next, positions.at(-1))
      assert.equal(page.head, positions.at(-1))
    },
  },
  {
    topic,
    name: 'an empty history is an empty page at the beginning',
    run: async (place) => {
      const store = await place.openStore()
      assert.deepEqual({ ...(await store.readFacts({ after: '', limit: 10 })) }, { facts: [], next: '', head: '' })
    },
  },
  {
    topic,
    name: 'reading on from `next` gives every fact once, whatever the limit and the categories',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      for (const categories of [undefined, ['cart'], ['order'], ['order', 'cart'], ['never'], []]) {
        const wanted = history.filter((each) => categories?.includes(each.split('/')[0] ?? '') ?? true)
        for (const limit of [1, 2, 3, 100]) {
          const filter = categories === undefined ? {} : { categories }
          const found: string[] = []
          let after = ''
          for (;;) {
            const page = await store.readFacts({ after, limit, ...filter })
            assert.ok(page.facts.length <= limit, `a page has at most ${limit} facts`)
            for (const { position } of page.facts) assert.ok(after < position && position <= page.next)
            found.push(...places(page.facts))
            if (page.next === page.head) break
            assert.ok(page.next > after, 'a page that is not the last one advances, even if nothing matched')
            after = page.next
          }
          assert.deepEqual(found, wanted)
        }
      }
    },
  },
  {
    topic,
    name: 'a category that is renamed keeps its streams, their versions and the positions of their facts',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      const before = await store.readFacts({ after: '', limit: 100 })
      await store.renameCategory('cart', 'basket')
      await store.renameCategory('cart', 'basket')
      assert.equal(await store.streamVersion('cart', 'x'), 0)
      assert.equal(await store.streamVersion('basket', 'x'), 5)
      assert.deepEqual(places(await store.readStream('basket', 'x', 3, 100)), ['basket/x/4', 'basket/x/5'])
      await commit(store, { appends: [sampleAppend('x', 5, 1, 'basket'), sampleAppend('x', 0, 1, 'cart')] })
      const { facts } = await store.readFacts({ after: '', limit: 100 })
      assert.deepEqual(
        facts
          .slice(0, history.length)
          .map((fact) => ({ ...partsOf(fact), category: fact.category.replace('basket', 'cart') })),
        before.facts.map(partsOf),
      )
      assert.deepEqual(places(facts.slice(history.length)), ['basket/x/6', 'cart/x/1'])
      const only = await store.readFacts({ after: '', limit: 100, categories: ['basket'] })
      assert.equal(only.facts.length, 6)
    },
  },
  {
    topic,
    name: 'an append without facts changes nothing, and its expected version is checked all the same',
    run: async (place) => {
      const store = await openWithHistory(place.openStore())
      await commit(store, { appends: [sampleAppend('a', 3, 0)] })
      assert.equal(await store.streamVersion('order', 'a'), 3)
      const result = await store.commit({ checks: [], rows: [], appends: [sampleAppend('a', 2, 0)], events: [] })
      assert.equal(result.committed, false)
    },
  },
]
