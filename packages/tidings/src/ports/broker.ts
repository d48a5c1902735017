// What connects services: a durable, keyed history per source. A wake-up is a hint; reading is the truth.

import type { LoggedEvent } from '../contracts/index.ts'
import type { Awaitable, Position } from './awaitable.ts'
import type { EarlierEpoch, EventLogPage, EventLogRequest } from './store.ts'

/** What a broker does by itself. */
export interface BrokerCapabilities {
  /**
   * True where the broker holds its own copy of what was published (NATS): the runtime relays every outbox to it.
   * False where it reads the publishers' committed outboxes (SQLite, Postgres): `publish` throws `INVARIANT`.
   */
  readonly relay: boolean
}

/** A part of an outbox on its way to a broker. */
export interface RelayBatch {
  readonly source: string
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  /** In the order of their positions. */
  readonly events: readonly LoggedEvent[]
}

/**
 * The broker.
 *
 * Ordering: the events of one source are read in the order they were published, by every reader, every time.
 * Atomicity: none across sources; an event is readable as a whole or not at all.
 * Idempotence: publishing a batch again, or one that overlaps with what is there, adds only what is new (by source, epoch and position).
 * Concurrency: any number of readers; one publisher per source.
 * Failure: what cannot be served throws `BROKER_UNAVAILABLE` and is tried again by the caller; nothing acknowledged is ever lost.
 *   A source that is not known yet is an empty page with `epoch: undefined`.
 * Close: ends all watches; afterwards every call throws `CLOSED`; closing twice is no error.
 */
export interface Broker {
  readonly capabilities: BrokerCapabilities
  /** Copies a part of an outbox into the broker's history. Only where `capabilities.relay`. */
  publish(batch: RelayBatch): Awaitable<void>
  /** The relay's place: the last position of the source (and its epoch) the broker holds. Only where `capabilities.relay`. */
  published(source: string): Awaitable<{ readonly epoch: string; readonly position: Position } | undefined>
  /** Reads a part of a source's history. */
  read(source: string, request: EventLogRequest): Awaitable<EventLogPage>
  /** The source's earlier epochs (before restores), oldest first. */
  earlierEpochs(source: string): Awaitable<readonly EarlierEpoch[]>
  /** Calls `wake` when the source may have news. Hints may come late, twice, or be lost. Returns the way to stop. */
  watch(source: string, wake: () => void): () => void
  close(): Promise<void>
}
