// Publishing to a broker that keeps a copy, repetitions included; a broker that keeps none refuses it.

import assert from 'node:assert/strict'
import type { LoggedEvent } from 'tidings'
import type { Store } from 'tidings/ports'
import { commit, refuses } from '../fixtures/expectations.ts'
import { batchOf } from '../fixtures/publish.ts'
import { readEverything } from '../fixtures/read-everything.ts'
import { numberOf, sampleEvents } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'
import type { Place } from '../suite/place.ts'

interface Outbox {
  readonly store: Store
  readonly events: readonly LoggedEvent[]
  /** The numbers of the events that the broker has now. */
  readonly stored: () => Promise<number[]>
}

/** A test for brokers with a relay; one without must refuse the same calls with `INVARIANT`. */
function relayTest(topic: string, name: string, run: (place: Place, outbox: Outbox) => Promise<void>): ConformanceTest {
  return {
    topic,
    name: `${name}; INVARIANT if relay is false`,
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      await commit(store, { events: sampleEvents(10) })
      const { events } = await store.readEventLog({ after: '', limit: 100 })
      const stored = async () => (await readEverything((request) => broker.read('alpha', request), 4)).map(numberOf)
      if (place.capabilities.relay) return run(place, { store, events, stored })
      await refuses('INVARIANT', 'publish', () => broker.publish(batchOf(store, events)))
      await refuses('INVARIANT', 'published', () => broker.published('alpha'))
      assert.deepEqual(await stored(), sampleEvents(10).map(numberOf), 'what is committed is readable, without a copy')
    },
  }
}

/** Tests of `publish` and `published`. */
export const publishingTests: readonly ConformanceTest[] = [
  {
    topic: 'Capabilities',
    name: 'the broker’s capabilities are those it claims',
    run: async (place) => {
      assert.equal(place.engine.broker.capabilities.relay, place.capabilities.relay)
    },
  },
  relayTest('Idempotence', 'publishing a batch again adds nothing', async (place, { store, events, stored }) => {
    const batch = batchOf(store, events.slice(0, 5))
    for (let time = 0; time < 3; time++) await place.engine.broker.publish(batch)
    assert.deepEqual(await stored(), [1, 2, 3, 4, 5])
  }),
  relayTest('Idempotence', 'publishing a batch that overlaps adds only what is new', async (place, outbox) => {
    const { store, events, stored } = outbox
    const slices: readonly [number, number][] = [
      [0, 4],
      [2, 6],
      [0, 6],
      [5, 10],
      [0, 3],
    ]
    for (const [from, to] of slices) await place.engine.broker.publish(batchOf(store, events.slice(from, to)))
    assert.deepEqual(await stored(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  }),
  relayTest('Idempotence', 'the same batches published at once add each event once', async (place, outbox) => {
    const { store, events, stored } = outbox
    const other = (await place.openEngine()).broker
    const publishes = [place.engine.broker, other, place.engine.broker].map(async (broker) => {
      for (let from = 0; from < events.length; from += 2) {
        await broker.publish(batchOf(store, events.slice(from, from + 2)))
      }
    })
    await Promise.all(publishes)
    assert.deepEqual(await stored(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  }),
  relayTest(
    'Relay',
    'published is the last position the broker holds, and undefined before the first',
    async (place, outbox) => {
      const { store, events } = outbox
      const { broker } = place.engine
      assert.equal(await broker.published('alpha'), undefined)
      await broker.publish(batchOf(store, []))
      assert.deepEqual({ ...(await broker.published('alpha')) }, { epoch: store.epoch, position: '' })
      await broker.publish(batchOf(store, events.slice(0, 3)))
      const place3 = { epoch: store.epoch, position: events[2]?.position }
      assert.deepEqual({ ...(await broker.published('alpha')) }, place3)
      await broker.publish(batchOf(store, events.slice(0, 2)))
      assert.deepEqual({ ...(await broker.published('alpha')) }, place3)
      assert.equal(await broker.published('beta'), undefined)
      await place.engine.close()
      const again = await place.openEngine()
      assert.deepEqual({ ...(await again.broker.published('alpha')) }, place3, 'the place is kept')
    },
  ),
]
