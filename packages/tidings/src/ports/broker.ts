// The broker connects services: a durable, keyed history of events per source. A wake-up is only a hint; reading is the truth.

import type { LoggedEvent } from '../contracts/index.ts'
import type { Awaitable, Position } from './awaitable.ts'
import type { EarlierEpoch, EventLogPage, EventLogRequest } from './store.ts'

/** What a broker can do. */
export interface BrokerCapabilities {
  /**
   * True if the broker keeps its own copy of published events (NATS): the runtime relays each service's outbox to it.
   * False if it reads the publishers' event logs directly (SQLite): `publish` throws `INVARIANT`.
   */
  readonly relay: boolean
}

/** A batch of an outbox to relay to a broker. */
export interface RelayBatch {
  readonly source: string
  readonly epoch: string
  readonly earlierEpochs: readonly EarlierEpoch[]
  /** In the order of their positions. */
  readonly events: readonly LoggedEvent[]
}

/** Who reads a source, so that a broker can check what it may read. */
export interface SourceReader {
  readonly service: string
  /** The subscriber, as it is declared. */
  readonly subscriber: string
}

/**
 * The broker.
 *
 * Ordering: the events of one source are read in the order they were published, by every reader, every time. A page that is asked for its edges
 *   names the events there, whatever their types and slots.
 * Atomicity: an event is readable as a whole or not at all; there is no atomicity across sources.
 * Idempotence: publishing a batch again, or one that overlaps with earlier ones, adds only new events (by source, epoch and position).
 * Concurrency: any number of readers; one publisher per source.
 * Failure: a call that cannot be served throws `BROKER_UNAVAILABLE`, and the caller retries it; nothing acknowledged is ever lost.
 *   Reading a source that is not known yet returns an empty page with `epoch: undefined`.
 * Close: ends all watches; afterwards every call throws `CLOSED`; closing twice is no error.
 */
export interface Broker {
  readonly capabilities: BrokerCapabilities
  /** Adds a batch of an outbox to the broker's history. Only if `capabilities.relay`. */
  publish(batch: RelayBatch): Awaitable<void>
  /** The last position of the source that the broker has, with its epoch; the relay continues after it. Only if `capabilities.relay`. */
  published(source: string): Awaitable<{ readonly epoch: string; readonly position: Position } | undefined>
  /** Reads a page of a source's history. `by`: the subscription that reads it; absent if it is none, but a tool. */
  read(source: string, request: EventLogRequest, by?: SourceReader): Awaitable<EventLogPage>
  /** The source's earlier epochs (before restores), oldest first. */
  earlierEpochs(source: string, by?: SourceReader): Awaitable<readonly EarlierEpoch[]>
  /** Calls `wake` when the source may have new events. Calls may come late, twice or never. Returns a function that stops the watch. */
  watch(source: string, wake: () => void): () => void
  close(): Promise<void>
}
