// What a fault is made of while it lasts: it sees everything that passes, and may hold it up, refuse it, change it or end the service.

import type { LogRequest } from 'tidings/ports'
import type { Passage } from './port-call.ts'

/** A fault at work. What it throws is what the service gets as the answer. */
export interface Interceptor {
  /** Comes before the call. */
  before?(passage: Passage): Promise<void> | undefined
  /** Comes between the call and its answer. */
  after?(passage: Passage): Promise<void> | undefined
  /** Changes which part of a log is read. */
  request?(passage: Passage, request: LogRequest): LogRequest
  /** Whether what is published goes out twice. */
  twice?(passage: Passage): boolean
  /** Whether a wake-up of a service is lost. */
  losesWakeUp?(service: string): boolean
}
