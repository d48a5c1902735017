// The requests and answers of the control endpoint, for server and client.

import type { LoggedEvent } from 'tidings'
import type {
  Accepted,
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  PendingEffects,
  PendingOptions,
  PendingTimers,
  ProcessHistory,
  ProcessListOptions,
  ProcessPage,
  ProcessShowOptions,
  Redrive,
} from 'tidings/operations'
import type { Position } from 'tidings/ports'
import type { EditedVersion, RebuildProgress, ServiceStatus } from 'tidings/runtime'

/** The status of a service, with the ends of its event log and its facts. */
export interface ServiceAccount extends ServiceStatus {
  /** The position of its latest fact. */
  readonly factsHead: Position
}

/** The status of a process. */
export interface ControlStatus {
  readonly name: string
  readonly pid: number
  /** When it started, as an ISO time. */
  readonly startedAt: string
  /** The URL of its HTTP API; `null` if none is open. */
  readonly http: string | null
  /** What the engine promises after a crash, in words. */
  readonly durability: string
  readonly services: readonly ServiceAccount[]
}

/** A status as it is sent: `http` is called `doors` on the wire and in run files. */
export type SentStatus = Omit<ControlStatus, 'http'> & { readonly doors: string | null }

/** Which published events to find; every given part must match. */
export interface EventSearch {
  /** Only events of this service. Default: of all services in the process. */
  readonly service?: string
  readonly type?: string
  readonly key?: string
  /** The conversation. */
  readonly correlation?: string
  readonly id?: string
  /** The most events, newest first: 1 to 10,000. Default: 100. */
  readonly limit?: number
}

/** A page of a service's event log, for following it. */
export interface EventsPage {
  readonly events: readonly LoggedEvent[]
  /** The position to continue after. */
  readonly next: Position
  /** The end of the event log. */
  readonly head: Position
}

/** An event whose deliveries are wanted. */
export type EventReference = Pick<LoggedEvent, 'id' | 'source' | 'type' | 'key' | 'position'>

/** A redrive, or a dry run of one. */
export interface RedriveRequest {
  /** Only dead letters of this service. Default: of all services in the process. */
  readonly service?: string
  readonly selection: DeferredSelection
  /** Changes nothing and returns what would be retried. */
  readonly dryRun: boolean
}

/** Which instances of process managers to list. */
export interface ProcessesRequest extends ProcessListOptions {
  /** Only instances of this service. Default: of all services in the process. */
  readonly service?: string
}

/** Which timers or effects to list. */
export interface PendingRequest extends PendingOptions {
  /** Only timers or effects of this service. Default: of all services in the process. */
  readonly service?: string
}

/** The edited versions of a service that were accepted. */
export interface AcceptedVersions {
  readonly service: string
  readonly accepted: readonly EditedVersion[]
}

/** One line of a rebuild's answer: its progress, or its result. */
export type RebuildLine =
  | { readonly progress: RebuildProgress }
  | { readonly done: true }
  | { readonly problem: Readonly<Record<string, unknown>> }

export type {
  Accepted,
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  EditedVersion,
  LoggedEvent,
  PendingEffects,
  PendingTimers,
  ProcessHistory,
  ProcessPage,
  ProcessShowOptions,
  RebuildProgress,
  Redrive,
}
