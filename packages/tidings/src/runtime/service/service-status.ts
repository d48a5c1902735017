// What operators and tests see of a running service. Types only.

import type { Position } from '../../ports/index.ts'
import type { StoreDamage } from '../core/note-damage.ts'
import type { BlockedRun } from '../core/work-in-progress.ts'
import type { RelayStatus } from '../outbox/relay-outbox.ts'
import type { RebuildProgress } from '../rebuild/rebuild-read-model.ts'
import type { ScheduleStatus } from '../schedule/schedule-loop.ts'
import type { SubscriptionStatus } from '../subscriptions/subscription-status.ts'
import type { VersionsStatus } from './edited-versions.ts'

/** The status of a read model. */
export interface ReadModelStatus {
  readonly name: string
  readonly kind: 'projection' | 'replica'
  readonly mode: 'inline' | 'async'
  /** The generation that serves reads. */
  readonly generation: number
  /** How far its rebuild has come; `undefined` if none runs. */
  readonly rebuild: RebuildProgress | undefined
}

/** An instance of a service, if several share its store. */
export interface InstanceStatus {
  readonly name: string
  /** The groups of the service's work that it does now: `subscriber/main/orders`, `read-model/projection.by-month`, `effect/mail`, `schedule`. */
  readonly groups: readonly string[]
  /** The instance that relays; `null` if none does at the moment, `undefined` if the broker reads the event log itself. */
  readonly relayedBy?: string | null | undefined
  /** Why it does no work by itself: it cannot renew its leases, or was replaced. What it says of other instances may be out of date then. */
  readonly error?: InstanceError | undefined
  /** Groups that it was to do and could not begin, and that nobody does at the moment. Left out if there are none. */
  readonly notBegun?: readonly (InstanceError & { readonly group: string })[] | undefined
}

/** Why an instance cannot do something. */
export interface InstanceError {
  readonly code: string
  readonly message: string
  /** What to do about it. */
  readonly hint: string
}

/** The load of a running service. */
export interface LoadStatus {
  /** Commands in progress, with those that wait. */
  readonly commands: number
  /** Commands that wait in line for a key that another one has. */
  readonly commandsInLine: number
  /** Commands and queries that were refused since it started, because more came than could be handled. */
  readonly refused: number
}

/** The status of a service. */
export interface ServiceStatus {
  readonly service: string
  /** The epoch of its store. */
  readonly epoch: string
  /** The position of the last event it published. */
  readonly eventLogHead: Position
  /** The relay's status; `undefined` if the broker reads the event log itself, or another instance relays. */
  readonly outbox: RelayStatus | undefined
  /** The instance that answers, if instances of the service share its store. */
  readonly instance?: InstanceStatus | undefined
  readonly subscriptions: readonly SubscriptionStatus[]
  readonly readModels: readonly ReadModelStatus[]
  /** Timers that are set and effects that are requested. */
  readonly schedule: ScheduleStatus
  /** Damaged data that it has met in its store since it was started: then it is not healthy, whatever its subscriptions say. */
  readonly damage?: StoreDamage | undefined
  /** `undefined` if the service does not run. */
  readonly load?: LoadStatus | undefined
  /** Edits of the versions under which it stores data; `undefined` if they were not checked when it started. */
  readonly versions?: VersionsStatus | undefined
  /** How the host ended its previous run because it was blocked; `undefined` if it did not. */
  readonly blockedRun?: BlockedRun | undefined
}
