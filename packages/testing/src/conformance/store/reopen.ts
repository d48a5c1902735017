// A store that was closed and is opened again continues where it was.

import assert from 'node:assert/strict'
import { commit, everythingOf } from '../fixtures/expectations.ts'
import { sampleAppend, sampleEvent, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Reopening'

const unit = (number: number) => ({
  rows: [sampleRow('rows', `key-${number}`, [number])],
  appends: [sampleAppend('s', number - 1)],
  events: [sampleEvent(number)],
})

/** Tests of stores that are opened again. */
export const reopenTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'a store that is opened again has its epoch, tables, indexes, rows, facts and log',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['value'] })
      for (const number of [1, 2, 3]) await commit(store, unit(number))
      const before = await everythingOf(store, ['rows'], [['order', 's']])
      await store.close()
      const again = await place.openStore('alpha', await place.openEngine())
      assert.equal(again.epoch, store.epoch)
      assert.deepEqual(await again.tableNames(), ['rows'])
      assert.deepEqual(await everythingOf(again, ['rows'], [['order', 's']]), before)
      const found = await again.find({ table: 'rows', index: { column: 'value', equals: 2 }, limit: 9 })
      assert.deepEqual(
        found.map(({ key }) => key),
        ['key-2'],
      )
    },
  },
  {
    topic,
    name: 'positions and revisions continue to grow when a store is opened again; none is given out twice',
    run: async (place) => {
      const heads: string[] = []
      const revisions: number[] = []
      for (const number of [1, 2, 3, 4]) {
        const store = await place.openStore()
        await store.ensureTable({ name: 'rows', indexes: ['value'] })
        const { eventLogHead, revision } = await commit(store, unit(number))
        heads.push(eventLogHead)
        // The row with the highest revision is removed, so that no store can derive the next revision from its rows.
        await commit(store, { rows: [{ table: 'rows', key: `key-${number}`, row: null }] })
        const last = await commit(store, { rows: [sampleRow('rows', 'kept', [0])] })
        revisions.push(revision, last.revision)
        await commit(store, { rows: [{ table: 'rows', key: 'kept', row: null }] })
        await store.close()
      }
      assert.deepEqual(heads, [...new Set(heads)].sort())
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].sort((a, b) => a - b),
      )
    },
  },
  {
    topic,
    name: 'if durable is true, another driver value over the same place has what was committed',
    run: async (place) => {
      const { durable } = place.capabilities
      assert.equal(place.underTest.again !== undefined, durable, 'a durable driver, and no other, is made `again`')
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: ['value'] })
      await commit(store, unit(1))
      await store.close()
      const engine = await place.openEngine(place.underTest.again?.() ?? place.underTest.driver)
      const again = await place.openStore('alpha', engine)
      assert.equal(again.epoch, store.epoch)
      assert.equal(await again.count('rows'), 1)
    },
  },
]
