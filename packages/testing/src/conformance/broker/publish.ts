// How a test publishes: it commits to a store, and relays the outbox as the runtime does where the broker keeps a copy.

import assert from 'node:assert/strict'
import type { EventRecord } from 'tidings'
import type { Broker, RelayBatch, Store } from 'tidings/ports'
import { commit } from '../expectations.ts'

/** Publishes events of a store's service. */
export async function publish(broker: Broker, store: Store, events: readonly EventRecord[]): Promise<void> {
  if (events.length > 0) await commit(store, { events: events.map((event) => ({ ...event, source: store.service })) })
  await relay(broker, store)
}

/** Brings a broker that keeps a copy up to a store's log; does nothing for one that reads the outbox itself. */
export async function relay(broker: Broker, store: Store, limit = 100): Promise<void> {
  if (!broker.capabilities.relay) return
  for (;;) {
    const published = await broker.published(store.service)
    const page = await store.readLog({ after: await placeOf(store, published), limit })
    if (page.events.length === 0 && published?.epoch === store.epoch) return
    await broker.publish(batchOf(store, page.events))
    const reached = await broker.published(store.service)
    assert.deepEqual({ ...reached }, { epoch: store.epoch, position: page.next }, 'the relay’s place moves on')
  }
}

async function placeOf(store: Store, published: { epoch: string; position: string } | undefined): Promise<string> {
  if (published === undefined) return ''
  if (published.epoch === store.epoch) return published.position
  const kept = store.earlierEpochs.find(({ epoch }) => epoch === published.epoch)?.upTo ?? ''
  return published.position < kept ? published.position : kept
}

/** A part of a store's outbox on its way. */
export function batchOf(store: Store, events: RelayBatch['events']): RelayBatch {
  return { source: store.service, epoch: store.epoch, earlierEpochs: store.earlierEpochs, events }
}
