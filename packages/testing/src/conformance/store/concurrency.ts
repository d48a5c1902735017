// Concurrent commits. They may share a transaction, but that must not be observable.

import assert from 'node:assert/strict'
import { followWhile, increment } from '../fixtures/competitors.ts'
import { commit, refuses, unitOf } from '../fixtures/expectations.ts'
import { numberOf, sampleAppend, sampleEvent, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Concurrency'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** Tests of concurrent commits. */
export const concurrencyTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'of commits that expect the same version of a stream, one succeeds and the others fail with their conflicts',
    run: async (place) => {
      const store = await place.openStore()
      const units = upTo(50).map((n) => unitOf({ appends: [sampleAppend('s', 0)], events: [sampleEvent(n)] }))
      const results = await Promise.all(units.map((unit) => store.commit(unit)))
      const won = results.findIndex(({ committed }) => committed)
      assert.equal(results.filter(({ committed }) => committed).length, 1)
      for (const result of results) {
        if (result.committed) continue
        const conflict = { kind: 'stream', category: 'order', stream: 's', expected: 0, actual: 1 }
        assert.deepEqual(
          result.conflicts.map((each) => ({ ...each })),
          [conflict],
        )
      }
      assert.equal(await store.streamVersion('order', 's'), 1)
      assert.deepEqual((await store.readEventLog({ after: '', limit: 100 })).events.map(numberOf), [won + 1])
    },
  },
  {
    topic,
    name: 'of commits that check the same row, no update is lost',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      await Promise.all(upTo(30).map(() => increment(store)))
      assert.equal((await store.get('rows', 'counter'))?.json, '30')
    },
  },
  {
    topic,
    name: 'concurrent commits each have an outcome, a revision and positions of their own',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      const results = await Promise.all(
        upTo(300).map((n) =>
          commit(store, {
            rows: [sampleRow('rows', `key-${n}`)],
            appends: [sampleAppend(`s-${n}`, 0)],
            events: [sampleEvent(n)],
          }),
        ),
      )
      assert.equal(new Set(results.map(({ revision }) => revision)).size, 300)
      const { events } = await store.readEventLog({ after: '', limit: 1_000 })
      assert.equal(new Set(events.map(({ position }) => position)).size, 300)
      for (const [index, { revision, eventLogHead }] of results.entries()) {
        assert.equal((await store.get('rows', `key-${index + 1}`))?.revision, revision)
        const own = events.find((event) => numberOf(event) === index + 1)
        assert.equal(own?.position, eventLogHead, 'eventLogHead is the position of the unit’s own last event')
      }
    },
  },
  {
    topic,
    name: 'each commit of a group succeeds or fails on its own, even if one rejects',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      await commit(store, { rows: [sampleRow('rows', 'taken')] })
      const outcomes = await Promise.allSettled(
        upTo(60).map((n) => {
          const checks = n % 3 === 1 ? [{ table: 'rows', key: 'taken', revision: 0 }] : []
          const table = n % 3 === 2 ? 'never' : 'rows'
          return store.commit(unitOf({ checks, rows: [sampleRow(table, `key-${n}`)], events: [sampleEvent(n)] }))
        }),
      )
      for (const [index, outcome] of outcomes.entries()) {
        const kind = (index + 1) % 3
        if (kind === 2) assert.equal(outcome.status, 'rejected')
        else assert.equal(outcome.status === 'fulfilled' && outcome.value.committed, kind === 0)
      }
      const { events } = await store.readEventLog({ after: '', limit: 1_000 })
      assert.deepEqual(
        events.map(numberOf).sort((a, b) => a - b),
        upTo(60).filter((n) => n % 3 === 0),
      )
      assert.equal(await store.count('rows'), 21)
    },
  },
  {
    topic,
    name: 'Ordering: a reader that has seen a position never later sees a smaller one appear',
    run: async (place) => {
      const store = await place.openStore()
      const seen = await followWhile(store, 3, async () => {
        for (const round of upTo(10))
          await Promise.all(upTo(10).map((n) => commit(store, { events: [sampleEvent(round * 100 + n)] })))
      })
      const { events } = await store.readEventLog({ after: '', limit: 1_000 })
      assert.equal(events.length, 100)
      assert.deepEqual(
        seen,
        events.map(({ id }) => id),
      )
    },
  },
  {
    topic,
    name: 'a second writer for the same service is refused with STORE_LOCKED where a store has one, and other services are not',
    run: async (place) => {
      const store = await place.openStore('alpha')
      const other = await place.openEngine()
      await refuses('STORE_LOCKED', 'a second writer in one process', () => place.openStore('alpha'))
      if (place.capabilities.writers === 'one')
        await refuses('STORE_LOCKED', 'a writer in a second process', () => place.openStore('alpha', other))
      const beta = await place.openStore('beta', other)
      await commit(beta, { events: [sampleEvent(1, { source: 'beta' })] })
      await commit(store, { events: [sampleEvent(1)] })
      await store.close()
      const next = await place.openStore('alpha', other)
      assert.equal((await next.readEventLog({ after: '', limit: 10 })).events.length, 1)
    },
  },
]
