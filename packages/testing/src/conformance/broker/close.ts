// Close: a broker that is closed, and a service that continues without one.

import assert from 'node:assert/strict'
import type { Broker } from 'tidings/ports'
import { commit, refuses } from '../fixtures/expectations.ts'
import { publish, relay } from '../fixtures/publish.ts'
import { numberOf, sampleEvents } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Close'

const calls: Readonly<Record<string, (broker: Broker) => unknown>> = {
  read: (broker) => broker.read('alpha', { after: '', limit: 1 }),
  earlierEpochs: (broker) => broker.earlierEpochs('alpha'),
  watch: (broker) => broker.watch('alpha', () => {}),
}

const relayCalls: Readonly<Record<string, (broker: Broker) => unknown>> = {
  publish: (broker) => broker.publish({ source: 'alpha', epoch: 'e', earlierEpochs: [], events: [] }),
  published: (broker) => broker.published('alpha'),
}

/** Tests of a broker's `close`. */
export const brokerCloseTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'afterwards every call throws CLOSED',
    run: async (place) => {
      const store = await place.openStore()
      const { broker } = await place.openEngine()
      await publish(broker, store, sampleEvents(1))
      await broker.close()
      for (const [name, call] of Object.entries(calls)) await refuses('CLOSED', name, () => call(broker))
      // Without a relay, these are always refused (see publishing.ts).
      if (!place.capabilities.relay) return
      for (const [name, call] of Object.entries(relayCalls)) await refuses('CLOSED', name, () => call(broker))
    },
  },
  {
    topic,
    name: 'closing twice is no error, and other engines’ brokers stay open',
    run: async (place) => {
      const { broker } = await place.openEngine()
      await Promise.all([broker.close(), broker.close()])
      await broker.close()
      assert.deepEqual((await place.engine.broker.read('alpha', { after: '', limit: 1 })).events, [])
    },
  },
  {
    topic: 'Autonomy',
    name: 'a store commits while the broker is closed, and what it published is read by others later',
    run: async (place) => {
      const engine = await place.openEngine()
      const store = await place.openStore('alpha', engine)
      await engine.broker.close()
      await commit(store, { events: sampleEvents(3) })
      const { broker } = await place.openEngine()
      await relay(broker, store)
      const page = await broker.read('alpha', { after: '', limit: 10 })
      assert.deepEqual(page.events.map(numberOf), [1, 2, 3])
    },
  },
]
