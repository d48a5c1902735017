// One unit of work: all of it is committed or nothing, with the conflicts.

import assert from 'node:assert/strict'
import type { CommitUnit, Store } from 'tidings/ports'
import { commit, conflicts, everythingOf, refuses, unitOf } from '../fixtures/expectations.ts'
import { numberOf, sampleAppend, sampleEvent, sampleEvents, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Atomicity'

/** A store with a row, a stream and an event. */
async function openWithSome(open: Promise<Store>): Promise<{ store: Store; revision: number; factsHead: string }> {
  const store = await open
  await store.ensureTable({ name: 'rows', indexes: ['value'] })
  const { revision } = await commit(store, {
    rows: [sampleRow('rows', 'a', [1])],
    appends: [sampleAppend('s', 0, 2)],
    events: [sampleEvent(1)],
  })
  return { store, revision, factsHead: (await store.readFacts({ after: '', limit: 1 })).head }
}

/** Parts of every kind; none of them may be visible if the unit fails. */
const parts = {
  rows: [sampleRow('rows', 'a', [2]), sampleRow('rows', 'b', [2])],
  appends: [sampleAppend('new', 0, 1)],
  events: [sampleEvent(2)],
}

const lookAt = (store: Store) =>
  everythingOf(
    store,
    ['rows'],
    [
      ['order', 's'],
      ['order', 'new'],
    ],
  )

async function fails(store: Store, unit: Partial<CommitUnit>, expected: readonly unknown[]): Promise<void> {
  const before = await lookAt(store)
  assert.deepEqual(
    (await conflicts(store, unit)).map((conflict) => ({ ...conflict })),
    expected,
  )
  assert.deepEqual(await lookAt(store), before, 'a unit with a conflict has no effect at all')
}

/** Tests of `commit`. */
export const commitTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'a commit’s rows, facts and events become visible together',
    run: async (place) => {
      const { store } = await openWithSome(place.openStore())
      await commit(store, parts)
      assert.equal(await store.count('rows'), 2)
      assert.equal(await store.streamVersion('order', 'new'), 1)
      const { events } = await store.readEventLog({ after: '', limit: 10 })
      assert.deepEqual(events.map(numberOf), [1, 2])
    },
  },
  {
    topic,
    name: 'a reader never sees a commit’s row without its fact and its event, nor these without the row',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      const count = 40
      const look = async () => {
        const log = await store.readEventLog({ after: '', limit: 1_000 })
        const row = async () => JSON.parse((await store.get('rows', 'last'))?.json ?? '0') as number
        const between = await row()
        const version = await store.streamVersion('order', 's')
        const later = await row()
        const facts = (await store.readFacts({ after: '', limit: 1_000 })).facts.length
        const logLater = await store.readEventLog({ after: '', limit: 1_000 })
        assert.ok(log.events.length <= between, 'an event is not seen before its row')
        assert.ok(between <= version, 'a row is not seen before its fact')
        assert.ok(version <= later, 'a fact is not seen before its row')
        assert.ok(later <= facts && facts <= logLater.events.length, 'a fact is not seen before its event')
        return log.events.length
      }
      const write = async () => {
        for (let number = 1; number <= count; number++) {
          await commit(store, {
            rows: [sampleRow('rows', 'last', [], String(number))],
            appends: [sampleAppend('s', number - 1)],
            events: [sampleEvent(number)],
          })
        }
      }
      const writing = write()
      // If another check fails first, the test has ended already when this rejects.
      writing.catch(() => undefined)
      for (let turn = 0; turn < 20_000; turn++) {
        if ((await look()) === count) break
        if (turn % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await writing
      assert.equal(await look(), count)
    },
  },
  {
    topic,
    name: 'a row that changed, came or went since it was read is a conflict, and the unit has no effect',
    run: async (place) => {
      const { store, revision } = await openWithSome(place.openStore())
      const conflict = (key: string) => ({ kind: 'row', table: 'rows', key })
      await commit(store, { rows: [sampleRow('rows', 'a', [1]), sampleRow('rows', 'gone', [1])] })
      const gone = (await store.get('rows', 'gone'))?.revision ?? 0
      await commit(store, { rows: [{ table: 'rows', key: 'gone', row: null }] })
      const check = (key: string, read: number) => ({ checks: [{ table: 'rows', key, revision: read }] })
      await fails(store, { ...parts, ...check('a', revision) }, [conflict('a')])
      await fails(store, { ...parts, ...check('a', 0) }, [conflict('a')])
      await fails(store, { ...parts, ...check('gone', gone) }, [conflict('gone')])
    },
  },
  {
    topic,
    name: 'a check that holds lets the unit pass, also of a row that it writes itself, and of one that is not there',
    run: async (place) => {
      const { store, revision } = await openWithSome(place.openStore())
      const checks = [
        { table: 'rows', key: 'a', revision },
        { table: 'rows', key: 'b', revision: 0 },
        { table: 'rows', key: 'never', revision: 0 },
      ]
      await commit(store, { ...parts, checks })
      assert.equal(await store.count('rows'), 2)
    },
  },
  {
    topic,
    name: 'an expected version that does not hold is a conflict with the actual one, and the unit has no effect',
    run: async (place) => {
      const { store } = await openWithSome(place.openStore())
      const conflict = (stream: string, expected: number, actual: number) => ({
        kind: 'stream',
        category: 'order',
        stream,
        expected,
        actual,
      })
      const append = (stream: string, expected: number) => ({
        appends: [...parts.appends, sampleAppend(stream, expected)],
      })
      await fails(store, { ...parts, ...append('s', 1) }, [conflict('s', 1, 2)])
      await fails(store, { ...parts, ...append('s', 0) }, [conflict('s', 0, 2)])
      await fails(store, { ...parts, ...append('s', 3) }, [conflict('s', 3, 2)])
      await fails(store, { ...parts, ...append('never', 1) }, [conflict('never', 1, 0)])
    },
  },
  {
    topic,
    name: 'a history of facts that does not end where the unit says is a conflict, and the unit has no effect',
    run: async (place) => {
      const { store, factsHead } = await openWithSome(place.openStore())
      await fails(store, { ...parts, factsHead: '' }, [{ kind: 'facts-head', expected: '', actual: factsHead }])
      await commit(store, { factsHead, rows: [sampleRow('rows', 'b', [1])] })
      await commit(store, { factsHead, appends: [sampleAppend('s', 2)] })
      const { head: actual } = await store.readFacts({ after: '', limit: 1 })
      await fails(store, { ...parts, factsHead }, [{ kind: 'facts-head', expected: factsHead, actual }])
    },
  },
  {
    topic,
    name: 'a unit fails with all of its conflicts',
    run: async (place) => {
      const { store, factsHead } = await openWithSome(place.openStore())
      const found = await conflicts(store, {
        checks: [
          { table: 'rows', key: 'a', revision: 0 },
          { table: 'rows', key: 'b', revision: 99 },
        ],
        appends: [sampleAppend('s', 0), sampleAppend('other', 1)],
        factsHead: '',
      })
      assert.deepEqual(
        found.map((conflict) => ({ ...conflict })),
        [
          { kind: 'row', table: 'rows', key: 'a' },
          { kind: 'row', table: 'rows', key: 'b' },
          { kind: 'stream', category: 'order', stream: 's', expected: 0, actual: 2 },
          { kind: 'stream', category: 'order', stream: 'other', expected: 1, actual: 0 },
          { kind: 'facts-head', expected: '', actual: factsHead },
        ],
      )
    },
  },
  {
    topic,
    name: 'Failure: a commit that rejects has no effect',
    run: async (place) => {
      const { store } = await openWithSome(place.openStore())
      const before = await lookAt(store)
      const broken = unitOf({ ...parts, rows: [...parts.rows, sampleRow('never', 'a', [])] })
      await refuses('INVARIANT', 'a row of a table that is not there', () => store.commit(broken))
      assert.deepEqual(await lookAt(store), before)
      await commit(store, parts)
    },
  },
  {
    topic,
    name: 'Idempotence: none; a unit committed twice has happened twice',
    run: async (place) => {
      const store = await place.openStore()
      const first = await commit(store, { events: [sampleEvent(1)] })
      const second = await commit(store, { events: [sampleEvent(1)] })
      assert.ok(second.revision > first.revision && second.eventLogHead > first.eventLogHead)
      assert.equal((await store.readEventLog({ after: '', limit: 10 })).events.length, 2)
    },
  },
  {
    topic,
    name: 'factsHead is the position of the last fact of the unit, or of the store’s last if it appended none',
    run: async (place) => {
      const store = await place.openStore()
      assert.equal((await commit(store, {})).factsHead, '')
      const { factsHead } = await commit(store, { appends: [sampleAppend('s', 0, 2), sampleAppend('t', 0, 1)] })
      const page = await store.readFacts({ after: '', limit: 10 })
      assert.equal(factsHead, page.facts.at(-1)?.position)
      assert.equal(factsHead, page.head)
      assert.equal((await commit(store, { events: [sampleEvent(1)] })).factsHead, factsHead)
      const together = [1, 2, 3].map((number) => commit(store, { appends: [sampleAppend(`u${number}`, 0, number)] }))
      const heads = (await Promise.all(together)).map((result) => result.factsHead)
      const { facts } = await store.readFacts({ after: factsHead, limit: 10 })
      for (const [index, head] of heads.entries()) {
        const own = facts.findLast(({ stream }) => stream === `u${index + 1}`)
        assert.equal(own?.position, head, 'factsHead is the position of the unit’s own last fact')
      }
    },
  },
  {
    topic,
    name: 'a unit of thousands of rows, facts and events is one unit too',
    run: async (place) => {
      const { store } = await openWithSome(place.openStore())
      const big = {
        rows: Array.from({ length: 3_000 }, (_, index) => sampleRow('rows', `big-${index}`, [index])),
        appends: Array.from({ length: 300 }, (_, index) => sampleAppend(`big-${index}`, 0, 5)),
        events: sampleEvents(3_000, {}, 10),
      }
      await fails(store, { ...big, appends: [...big.appends, sampleAppend('s', 1)] }, [
        { kind: 'stream', category: 'order', stream: 's', expected: 1, actual: 2 },
      ])
      await commit(store, big)
      assert.equal(await store.count('rows'), 3_001)
      assert.equal((await store.readFacts({ after: '', limit: 10_000 })).facts.length, 1_502)
      assert.equal((await store.readEventLog({ after: '', limit: 10_000 })).events.length, 3_001)
    },
  },
]
