// Epochs: what readers see of a publisher that was restored from a backup or created again.

import assert from 'node:assert/strict'
import { batchOf, publish } from '../fixtures/publish.ts'
import { readEverything } from '../fixtures/read-everything.ts'
import { numberOf, sampleEvents } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Epochs'

/** Tests of epochs at the broker. */
export const brokerEpochTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'a restored source is read under its new epoch, its earlier ones are named, and what it lost is gone',
    run: async (place) => {
      const { broker } = place.engine
      const first = await place.openStore()
      await publish(broker, first, sampleEvents(4))
      const { head: kept } = await first.readEventLog({ after: '', limit: 1 })
      await first.close()
      const restore = await place.underTest.backUp('alpha')
      const live = await place.openStore()
      await publish(broker, live, sampleEvents(3, {}, 5))
      assert.deepEqual(await broker.earlierEpochs('alpha'), [])
      await live.close()
      await restore()
      const restored = await place.openStore()
      await publish(broker, restored, sampleEvents(2, {}, 20))
      const found = await readEverything((request) => broker.read('alpha', request), 2)
      assert.deepEqual(found.map(numberOf), [1, 2, 3, 4, 20, 21])
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, restored.epoch)
      const earlier = await broker.earlierEpochs('alpha')
      assert.deepEqual(
        earlier.map((each) => ({ ...each })),
        [{ epoch: first.epoch, upTo: kept }],
      )
      const other = (await place.openEngine()).broker
      assert.equal((await other.read('alpha', { after: '', limit: 1 })).epoch, restored.epoch)
    },
  },
  {
    topic,
    name: 'a restored source is known by its new epoch before it publishes anything new',
    run: async (place) => {
      const { broker } = place.engine
      const first = await place.openStore()
      await publish(broker, first, sampleEvents(4))
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, first.epoch)
      await first.close()
      const restore = await place.underTest.backUp('alpha')
      await restore()
      const restored = await place.openStore()
      await publish(broker, restored, [])
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, restored.epoch)
      assert.equal((await broker.earlierEpochs('alpha')).length, 1)
    },
  },
  {
    topic,
    name: 'a source that was deleted and created again has a new epoch, no earlier ones, and only its new events',
    run: async (place) => {
      const { broker } = place.engine
      const first = await place.openStore()
      await publish(broker, first, sampleEvents(4))
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, first.epoch)
      await first.close()
      await place.underTest.remove('alpha')
      const again = await place.openStore()
      await publish(broker, again, sampleEvents(2, {}, 50))
      const found = await readEverything((request) => broker.read('alpha', request), 10)
      assert.deepEqual(found.map(numberOf), [50, 51])
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, again.epoch)
      assert.deepEqual(await broker.earlierEpochs('alpha'), [])
    },
  },
  {
    topic,
    name: 'Idempotence: a batch from before a restore that comes late changes nothing, if there is a relay',
    run: async (place) => {
      const { broker } = place.engine
      const first = await place.openStore()
      await publish(broker, first, sampleEvents(4))
      const { events } = await first.readEventLog({ after: '', limit: 10 })
      const late = batchOf(first, events)
      await first.close()
      const restore = await place.underTest.backUp('alpha')
      await restore()
      const restored = await place.openStore()
      await publish(broker, restored, sampleEvents(1, {}, 20))
      if (place.capabilities.relay) await broker.publish(late)
      const found = await readEverything((request) => broker.read('alpha', request), 10)
      assert.deepEqual(found.map(numberOf), [1, 2, 3, 4, 20])
      assert.equal((await broker.read('alpha', { after: '', limit: 1 })).epoch, restored.epoch)
    },
  },
]
