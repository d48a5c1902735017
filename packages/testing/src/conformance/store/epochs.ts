// Epochs: a store that was deleted or restored from a backup has another epoch.

import assert from 'node:assert/strict'
import { commit } from '../fixtures/expectations.ts'
import { numberOf, sampleAppend, sampleEvent, sampleEvents, sampleRow } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Epochs'

/** Tests of epochs. */
export const epochTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'a store has an epoch from its creation, of the grammar of ids, and it is no other store’s',
    run: async (place) => {
      const alpha = await place.openStore('alpha')
      const beta = await place.openStore('beta')
      assert.match(alpha.epoch, /^[A-Za-z0-9-]{1,64}$/)
      assert.notEqual(alpha.epoch, beta.epoch)
      assert.deepEqual(alpha.earlierEpochs, [])
    },
  },
  {
    topic,
    name: 'a store that was deleted begins again: another epoch, no earlier ones, nothing in it',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      await commit(store, { rows: [sampleRow('rows', 'a')], appends: [sampleAppend('s', 0)], events: sampleEvents(2) })
      await store.close()
      await place.underTest.remove('alpha')
      const again = await place.openStore()
      assert.notEqual(again.epoch, store.epoch)
      assert.deepEqual(again.earlierEpochs, [])
      assert.deepEqual(await again.tableNames(), [])
      assert.equal(await again.streamVersion('order', 's'), 0)
      assert.deepEqual((await again.readEventLog({ after: '', limit: 10 })).events, [])
    },
  },
  {
    topic,
    name: 'a restored store has a new epoch and names the earlier one with the last position it still has',
    run: async (place) => {
      const store = await place.openStore()
      await store.ensureTable({ name: 'rows', indexes: [] })
      const kept = { rows: [sampleRow('rows', 'a')], appends: [sampleAppend('s', 0, 2)], events: sampleEvents(2) }
      const { eventLogHead, revision } = await commit(store, kept)
      await store.close()
      const restore = await place.underTest.backUp('alpha')
      const live = await place.openStore()
      assert.equal(live.epoch, store.epoch, 'a backup does not change the epoch')
      const lost = { rows: [sampleRow('rows', 'b')], appends: [sampleAppend('s', 2)], events: sampleEvents(3, {}, 3) }
      await commit(live, lost)
      await live.close()
      await restore()
      const restored = await place.openStore()
      assert.notEqual(restored.epoch, store.epoch)
      assert.deepEqual(
        restored.earlierEpochs.map((each) => ({ ...each })),
        [{ epoch: store.epoch, upTo: eventLogHead }],
      )
      const page = await restored.readEventLog({ after: '', limit: 10 })
      assert.deepEqual(page.events.map(numberOf), [1, 2])
      assert.equal(page.epoch, restored.epoch)
      assert.equal(await restored.count('rows'), 1)
      assert.equal((await restored.get('rows', 'a'))?.revision, revision)
      assert.equal(await restored.streamVersion('order', 's'), 2)
      const next = await commit(restored, { events: [sampleEvent(9)], appends: [sampleAppend('s', 2)] })
      assert.ok(next.eventLogHead > eventLogHead, 'positions continue after the kept ones')
      assert.ok(next.revision > revision, 'revisions continue after the kept ones')
    },
  },
  {
    topic,
    name: 'the epochs before each restore are kept, oldest first',
    run: async (place) => {
      const first = await place.openStore()
      await commit(first, { events: sampleEvents(3) })
      await first.close()
      const restoreFirst = await place.underTest.backUp('alpha')
      await restoreFirst()
      const second = await place.openStore()
      await commit(second, { events: sampleEvents(2, {}, 4) })
      await second.close()
      const restoreSecond = await place.underTest.backUp('alpha')
      await restoreSecond()
      const third = await place.openStore()
      const { events, head } = await third.readEventLog({ after: '', limit: 10 })
      assert.deepEqual(
        third.earlierEpochs.map((each) => ({ ...each })),
        [
          { epoch: first.epoch, upTo: events[2]?.position },
          { epoch: second.epoch, upTo: head },
        ],
      )
      assert.equal(new Set([first.epoch, second.epoch, third.epoch]).size, 3)
    },
  },
  {
    topic,
    name: 'a store that was restored before it had published names the beginning as the last position',
    run: async (place) => {
      const store = await place.openStore()
      await store.close()
      const restore = await place.underTest.backUp('alpha')
      await restore()
      const restored = await place.openStore()
      assert.deepEqual(
        restored.earlierEpochs.map((each) => ({ ...each })),
        [{ epoch: store.epoch, upTo: '' }],
      )
    },
  },
]
