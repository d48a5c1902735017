// What a subscription reads: a history with positions. It holds the events of a service, the service's own facts, or its own timers or
// effects that have come due. Types only.

import type { LoggedEvent } from '../../contracts/index.ts'
import type { EarlierEpoch, PageEdges, Position, StoredFact } from '../../ports/index.ts'
import type { DirectItem } from '../schedule/direct-item.ts'
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
  /** Set if the item comes directly from the schedule, and is not in its queue. */
  readonly direct?: DirectItem
}

/** A part of a history. */
export interface DeliveryPage {
  /** The epoch of the source's store; `undefined` if it does not exist yet. */
  readonly epoch: string | undefined
  readonly deliveries: readonly Delivery[]
  /** Where the next read continues: everything up to here was looked at. */
  readonly next: Position
  /** The end of the history. */
  readonly head: Position
  /** The events at the edges of the page. Absent in a history of the service's own, which is restored together with its subscriptions. */
  readonly edges?: PageEdges | undefined
}

/** A history that can be read from a position. */
export interface DeliveryReader {
  /** The service whose events these are, or a source of the service's own: `~facts`, `~timers`, `~effects`. */
  readonly source: string
  /** Where this reader ends, if that is before the end of its source. */
  readonly until?: Position
  /** `isLook`: nothing has said that there is news, so what was known a moment ago will do; see `EventLogRequest`. */
  read(after: Position, limit: number, isLook?: boolean): Promise<DeliveryPage>
  /** Reads what is handled next; it may be more than `read` finds. Default: `read`. */
  readNext?(after: Position, limit: number, isLook?: boolean): Promise<DeliveryPage>
  earlierEpochs(): Promise<readonly EarlierEpoch[]>
  /** Calls `wake` when there may be something new; returns a function that stops this. `isReady`: whether that is handled at once. */
  watch(wake: () => void, isReady: () => boolean): () => void
}
