// A fault while it is active: it sees every call between a service and its ports, and may delay it, refuse it, change it or crash the service.

import type { EventLogRequest } from 'tidings/ports'
import type { PortCall } from './port-call.ts'

/** An active fault. If it throws, the service gets that error as the answer. */
export interface Interceptor {
  /** Runs before the call. */
  before?(portCall: PortCall): Promise<void> | undefined
  /** Runs between the call and its answer. */
  after?(portCall: PortCall): Promise<void> | undefined
  /** Changes which part of a log is read. */
  request?(portCall: PortCall, request: EventLogRequest): EventLogRequest
  /** Whether a batch is published twice. */
  twice?(portCall: PortCall): boolean
  /** Whether a wake-up of a service's instance is lost. */
  losesWakeUp?(service: string, instance: string): boolean
}
