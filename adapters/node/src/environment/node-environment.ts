// The host on Node: the clock, ids, chance, timers and log that the runtime gets passed in.

import type { Environment, LogSink, Lookups, Tracing } from 'tidings/ports'
import { V7Generator } from 'uuidv7'
import { createLogSink, type LogOptions } from './log-sink.ts'
import { nodeTimeouts } from './node-timeouts.ts'

/** What may be said about a host. */
export interface NodeEnvironmentOptions {
  /** Where log lines go: a sink, or how pino writes them. Default: level `info` to stderr. */
  readonly log?: LogSink | LogOptions
  /** Spans, such as `openTelemetry()` makes. Default: none. */
  readonly tracing?: Tracing
  /** Carries lookups to services that run in other processes. Default: none. */
  readonly lookups?: Lookups
  /** The time of day. Default: the system's. */
  readonly now?: () => number
}

/** Makes the host for Node: system clock, monotonic UUIDv7 ids, `Math.random`, timers, pino. */
export function nodeEnvironment(options: NodeEnvironmentOptions = {}): Environment {
  const ids = new V7Generator()
  return {
    clock: { now: options.now ?? (() => Date.now()), monotonicMs: () => performance.now() },
    // Two ids of one process never share a place in time: the generator counts on within a millisecond.
    ids: { next: () => ids.generate().toString() },
    random: { next: () => Math.random() },
    timeouts: nodeTimeouts,
    log: typeof options.log === 'function' ? options.log : createLogSink(options.log),
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    ...(options.lookups === undefined ? {} : { lookups: options.lookups }),
  }
}
