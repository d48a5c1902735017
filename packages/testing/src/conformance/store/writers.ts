// Several writers of one store: what holds for concurrent commits holds across all of them. A store with one writer refuses a second one.

import assert from 'node:assert/strict'
import type { Store, StoredFact } from 'tidings/ports'
import { followWhile, increment } from '../fixtures/competitors.ts'
import { commit, conflicts, refuses, unitOf } from '../fixtures/expectations.ts'
import { firstOfThree, skewMs } from '../fixtures/many-writers.ts'
import { numberOf, sampleAppend, sampleEvent, sampleFact, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

const topic = 'Writers'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

/** A test of a store that has many writers; where a store has one, a second is refused. */
function manyWriters(name: string, run: (writers: readonly [Store, Store, Store], place: Place) => Promise<void>) {
  return {
    topic,
    name: `${name}; STORE_LOCKED if a store has one writer`,
    run: async (place: Place) => {
      const { engines, openOthers } = await firstOfThree(place)
      if (place.capabilities.writers === 'many') return run(await openOthers(), place)
      for (const engine of engines)
        await refuses('STORE_LOCKED', 'a second writer', () => place.openStore('alpha', engine))
    },
  }
}

/** Tests of several writers of one store. */
export const writerTests: readonly ConformanceTest[] = [
  manyWriters('what one writer has committed, every other one reads', async ([first, second]) => {
    assert.equal(second.epoch, first.epoch)
    const { revision } = await commit(first, {
      rows: [sampleRow('rows', 'a', [], '"first"')],
      appends: [sampleAppend('s', 0)],
      events: [sampleEvent(1)],
    })
    assert.equal((await second.get('rows', 'a'))?.revision, revision)
    assert.equal(await second.streamVersion('order', 's'), 1)
    assert.deepEqual((await second.readEventLog({ after: '', limit: 10 })).events.map(numberOf), [1])
    await second.ensureTable({ name: 'more', indexes: [] })
    assert.equal(await first.count('more'), 0)
    await commit(second, { rows: [{ table: 'rows', key: 'a', row: null }] })
    assert.equal(await first.get('rows', 'a'), undefined)
  }),
  manyWriters('a check that another writer has made wrong is a conflict', async ([first, second]) => {
    const { revision } = await commit(first, { rows: [sampleRow('rows', 'a')] })
    await commit(second, { rows: [sampleRow('rows', 'a')], appends: [sampleAppend('s', 0)] })
    const checks = [{ table: 'rows', key: 'a', revision }]
    assert.equal((await conflicts(first, { checks, events: [sampleEvent(1)] })).length, 1)
    assert.equal((await conflicts(first, { appends: [sampleAppend('s', 0)], events: [sampleEvent(2)] })).length, 1)
    assert.deepEqual((await second.readEventLog({ after: '', limit: 10 })).events, [])
  }),
  manyWriters('of commits through all writers that check the same row, no update is lost', async (writers) => {
    await Promise.all(upTo(30).map((n) => increment(writers[n % writers.length] as Store)))
    assert.equal((await writers[0].get('rows', 'counter'))?.json, '30')
  }),
  manyWriters('of appends through all writers that expect the same version, one succeeds', async (writers) => {
    for (const round of upTo(20)) {
      const units = writers.map(() =>
        unitOf({ appends: [sampleAppend(`s-${round}`, 0)], events: [sampleEvent(round)] }),
      )
      const results = await Promise.all(units.map((unit, index) => (writers[index] as Store).commit(unit)))
      assert.equal(results.filter(({ committed }) => committed).length, 1)
    }
    const { events } = await writers[1].readEventLog({ after: '', limit: 100 })
    assert.deepEqual(events.map(numberOf), upTo(20))
  }),
  manyWriters('positions are given once and in the order of commit, for all who write and read', async (writers) => {
    const revisions = new Set<number>()
    const seen = await followWhile(writers[2], 7, async () => {
      for (const round of upTo(10)) {
        const commits = upTo(12).map((n) =>
          commit(writers[n % writers.length] as Store, { events: [sampleEvent(round * 100 + n)] }),
        )
        for (const { revision } of await Promise.all(commits)) revisions.add(revision)
      }
    })
    const { events } = await writers[0].readEventLog({ after: '', limit: 1_000 })
    assert.equal(revisions.size, 120)
    assert.equal(new Set(events.map(({ position }) => position)).size, 120)
    assert.deepEqual(
      seen,
      events.map(({ id }) => id),
    )
  }),
  manyWriters('tables that all writers create at once are created once', async (writers) => {
    for (const round of upTo(10))
      await Promise.all(writers.map((store) => store.ensureTable({ name: `table-${round}`, indexes: ['state'] })))
    await commit(writers[1], { rows: [sampleRow('table-1', 'a', ['new'])] })
    assert.equal(await writers[2].count('table-1'), 1)
    const names = await writers[0].tableNames()
    assert.equal(names.filter((name) => name.startsWith('table-')).length, 10)
  }),
  manyWriters('a writer that closes leaves the others alone, and may open the store again', async (writers, place) => {
    await commit(writers[1], { events: [sampleEvent(1)] })
    await writers[1].close()
    await commit(writers[0], { events: [sampleEvent(2)] })
    const again = await place.openStore('alpha', await place.openEngine())
    assert.deepEqual((await again.readEventLog({ after: '', limit: 10 })).events.map(numberOf), [1, 2])
    await commit(again, { events: [sampleEvent(3)] })
    assert.equal((await writers[2].readEventLog({ after: '', limit: 10 })).events.length, 3)
  }),
  manyWriters('all writers have one clock, however wrong their own are', async (writers) => {
    const times: number[] = []
    for (const store of writers) times.push(await store.now())
    const [least, most] = [Math.min(...times), Math.max(...times)]
    assert.ok(most - least < skewMs / 2, `the clocks of the writers are ${most - least} ms apart`)
  }),
  manyWriters(
    'recordedAt never falls along positions: what is lower is raised to that of the position before, and nothing else',
    async ([first, second, third]) => {
      const given = [2_000, 3_000, 1_000, 2_999, 3_001, 3_000]
      for (const [index, recordedAt] of given.entries()) {
        const facts = [sampleFact(1, { recordedAt: recordedAt + 10_000 })]
        await commit([second, first, third][index % 3] as Store, {
          appends: [{ category: 'order', stream: `s-${index}`, expectedVersion: 0, facts }],
          events: [sampleEvent(2 * index, { recordedAt }), sampleEvent(2 * index + 1, { recordedAt: recordedAt - 1 })],
        })
      }
      const raised = [2_000, 3_000, 3_000, 3_000, 3_001, 3_001]
      for (const store of [first, second]) {
        const { events } = await store.readEventLog({ after: '', limit: 100 })
        assert.deepEqual(
          events.map(({ recordedAt }) => recordedAt),
          raised.flatMap((time) => [time, time]),
        )
        const { facts } = await store.readFacts({ after: '', limit: 100 })
        assert.deepEqual(
          facts.map(({ recordedAt }) => recordedAt),
          raised.map((time) => time + 10_000),
        )
      }
      const { recordedAt } = (await third.readStream('order', 's-2', 0, 1))[0] as StoredFact
      assert.equal(recordedAt, 13_000)
    },
  ),
  manyWriters('an engine opens a store once', async (_, place) => {
    await refuses('STORE_LOCKED', 'the same engine', () => place.openStore())
  }),
]
