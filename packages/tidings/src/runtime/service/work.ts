// What a running service, its operators and its tests need of the work that the service does by itself, whichever instance does it. Types only.

import type { RelayStatus } from '../outbox/relay-outbox.ts'
import type { RebuildProgress } from '../rebuild/rebuild-read-model.ts'
import type { ScheduleLoop } from '../schedule/schedule-loop.ts'
import type { LeftBehind } from '../subscriptions/left-behind.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import type { InstanceStatus } from './service-status.ts'

/** The work of a service. */
export interface Work {
  /** Every subscription: those that run here, and what is known of those that run elsewhere. */
  readonly loops: readonly SubscriptionLoop[]
  /** Deferred events of subscribers that are no longer declared. */
  readonly leftBehind: readonly LeftBehind[]
  readonly schedule: ScheduleLoop
  /** The status of the relay, if it runs here. */
  readonly relayStatus: RelayStatus | undefined
  /** This instance, if instances share the store. */
  readonly instance: InstanceStatus | undefined
  /** Whether everything that was published is sent, as far as it has to be. */
  relayAtRest(): Promise<boolean>
  /** How far the rebuild of a read model has come; `undefined` if none runs here. */
  rebuildOf(readModel: string): RebuildProgress | undefined
  /** Rebuilds a read model; resolves when reads have switched to it. */
  rebuild(readModel: string, onProgress?: (progress: RebuildProgress) => void): Promise<void>
  /** Ends it once work in progress is done. */
  end(): Promise<void>
}
