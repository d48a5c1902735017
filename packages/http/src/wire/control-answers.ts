// What the control endpoint answers with, for both of its ends.

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
import type { RebuildProgress, ServiceStatus } from 'tidings/runtime'

/** How a service stands, with the heads of what it keeps. */
export interface ServiceAccount extends ServiceStatus {
  /** The position of its last fact. */
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
  /** Only this service's. Default: all that run in the process. */
  readonly service?: string
  readonly type?: string
  readonly key?: string
  /** The conversation. */
  readonly correlation?: string
  readonly id?: string
  /** The most events, newest first: 1 to 10,000. Default: 100. */
  readonly limit?: number
}

/** A part of a service's log, for following it. */
export interface EventsPage {
  readonly events: readonly LoggedEvent[]
  /** Read on from here. */
  readonly next: Position
  readonly head: Position
}

/** An event as `deliveries` asks for it. */
export type EventReference = Pick<LoggedEvent, 'id' | 'source' | 'type' | 'key' | 'position'>

/** A redrive to be done, or shown. */
export interface RedriveRequest {
  /** Only this service's. Default: all that run in the process. */
  readonly service?: string
  readonly selection: DeferredSelection
  /** Changes nothing and tells what would be done. */
  readonly dryRun: boolean
}

/** Which instances of process managers to list. */
export interface ProcessesRequest extends ProcessListOptions {
  /** Only this service's. Default: all that run in the process. */
  readonly service?: string
}

/** Which timers or effects to list. */
export interface PendingRequest extends PendingOptions {
  /** Only this service's. Default: all that run in the process. */
  readonly service?: string
}

/** One line of a rebuild's answer: how far it has come, then how it ended. */
export type RebuildLine =
  | { readonly progress: RebuildProgress }
  | { readonly done: true }
  | { readonly problem: Readonly<Record<string, unknown>> }

export type {
  Accepted,
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  LoggedEvent,
  PendingEffects,
  PendingTimers,
  ProcessHistory,
  ProcessPage,
  ProcessShowOptions,
  RebuildProgress,
  Redrive,
}
