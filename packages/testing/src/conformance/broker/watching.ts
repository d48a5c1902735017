// Wake-ups are hints: they may be late, doubled or lost. So these tests check only what must hold anyway: that wake-ups arrive at all, within
// one engine and across two, and that none arrives after a watcher has stopped.

import assert from 'node:assert/strict'
import { publish } from '../fixtures/publish.ts'
import { sampleEvents } from '../fixtures/samples.ts'
import type { ConformanceTest } from '../suite/conformance-test.ts'

const topic = 'Wake-ups'

/** Publishes until a wake-up has arrived, at most twenty times. */
async function heard(isHeard: () => boolean, publishSome: (round: number) => Promise<void>): Promise<boolean> {
  for (let round = 0; round < 20; round++) {
    await publishSome(round)
    for (let wait = 0; wait < 10 && !isHeard(); wait++) await new Promise((resolve) => setTimeout(resolve, 1))
    if (isHeard()) return true
  }
  return false
}

/** Tests of `watch`. */
export const watchingTests: readonly ConformanceTest[] = [
  {
    topic,
    name: 'watch calls `wake` when the source has news: at least one of twenty publications wakes',
    run: async (place) => {
      const { broker } = place.engine
      let wakes = 0
      broker.watch('alpha', () => {
        wakes += 1
      })
      const store = await place.openStore()
      const before = wakes
      const found = await heard(
        () => wakes > before,
        (round) => publish(broker, store, sampleEvents(1, {}, round)),
      )
      assert.ok(found, 'a hint came')
    },
  },
  {
    topic,
    name: 'a watcher in another engine is woken too',
    run: async (place) => {
      const store = await place.openStore()
      const other = (await place.openEngine()).broker
      let wakes = 0
      other.watch('alpha', () => {
        wakes += 1
      })
      const found = await heard(
        () => wakes > 0,
        (round) => publish(place.engine.broker, store, sampleEvents(1, {}, round)),
      )
      assert.ok(found, 'a hint came')
    },
  },
  {
    topic,
    name: 'what was published can be read when its wake-up arrives',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      await publish(broker, store, sampleEvents(1, {}, 0))
      const reads: Promise<string>[] = []
      broker.watch('alpha', () => {
        reads.push(Promise.resolve(broker.read('alpha', { after: '', limit: 1 })).then(({ head }) => head))
      })
      const before = (await broker.read('alpha', { after: '', limit: 1 })).head
      await heard(
        () => reads.length > 0,
        (round) => publish(broker, store, sampleEvents(1, {}, round + 1)),
      )
      const heads = await Promise.all(reads)
      assert.ok(
        heads.some((head) => head > before),
        'a reader that was woken finds news',
      )
    },
  },
  {
    topic,
    name: 'a watcher that has stopped is not woken any more; another one of the same source still is',
    run: async (place) => {
      const { broker } = place.engine
      const store = await place.openStore()
      let stopped = 0
      let watching = 0
      const stop = broker.watch('alpha', () => {
        stopped += 1
      })
      broker.watch('alpha', () => {
        watching += 1
      })
      stop()
      stop()
      const found = await heard(
        () => watching > 0,
        (round) => publish(broker, store, sampleEvents(1, {}, round)),
      )
      assert.ok(found, 'the other watcher is woken')
      assert.equal(stopped, 0)
    },
  },
  {
    topic,
    name: 'Close: ends all watches',
    run: async (place) => {
      const engine = await place.openEngine()
      let wakes = 0
      const stop = engine.broker.watch('alpha', () => {
        wakes += 1
      })
      await engine.broker.close()
      const store = await place.openStore()
      for (let round = 0; round < 5; round++) {
        await publish(place.engine.broker, store, sampleEvents(1, {}, round))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      assert.equal(wakes, 0)
      stop()
    },
  },
]
