// What a subscription reads: a history with positions, of another service's events, the own service's facts, or what has come due. Types only.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { EarlierEpoch, Position, StoredFact } from '../../ports/index.ts'
import type { ScheduledItem } from '../schedule/scheduled-item.ts'

/** One thing to handle: an event, a fact, a timer that came due, or an effect. */
export interface Delivery {
  readonly id: string
  readonly type: string
  /** Deliveries of one key keep their order. */
  readonly key: string
  readonly position: Position
  readonly correlationId: string
  readonly occurredAt: number
  readonly recordedAt: number
  readonly event: LoggedEvent | undefined
  readonly fact: StoredFact | undefined
  readonly item?: ScheduledItem
}

/** A part of a history. */
export interface DeliveryPage {
  readonly epoch: string | undefined
  readonly deliveries: readonly Delivery[]
  /** Everything up to here has been looked at. */
  readonly next: Position
  readonly head: Position
}

/** A history that can be read from a position. */
export interface DeliveryReader {
  /** The service whose events these are, or a source of the service's own: `~facts`, `~timers`, `~effects`. */
  readonly source: string
  /** Where it ends, although its source goes on. */
  readonly until?: Position
  read(after: Position, limit: number): Promise<DeliveryPage>
  earlierEpochs(): Promise<readonly EarlierEpoch[]>
  watch(wake: () => void): () => void
}
