// The environment on Node: clock, ids, random numbers, timeouts and log.

import type { Environment, LogSink, LongWork, Lookups, Tracing } from 'tidings/ports'
import { createLogSink, type LogOptions } from './log-sink.ts'
import { nodeTimeouts } from './node-timeouts.ts'
import { uuidsV7 } from './uuid-v7.ts'

/** Options of the environment. */
export interface NodeEnvironmentOptions {
  /** Where log lines go: a sink, or options of the log. Default: level `info` to stderr. */
  readonly log?: LogSink | LogOptions
  /** Creates spans, such as `openTelemetry()`. Default: none. */
  readonly tracing?: Tracing
  /** Sends lookups to services in other processes. Default: none. */
  readonly lookups?: Lookups
  /** Runs work of the driver that may block the thread for long, such as that of a watchdog. Default: it runs as any other. */
  readonly longWork?: LongWork
  /** The time of day, in milliseconds since 1970. Default: the system's. */
  readonly now?: () => number
}

/** Makes the environment for Node: system clock, monotonic UUIDv7 ids, `Math.random`, Node's timers, pino. */
export function nodeEnvironment(options: NodeEnvironmentOptions = {}): Environment {
  return {
    clock: { now: options.now ?? (() => Date.now()), monotonicMs: () => performance.now() },
    ids: uuidsV7(),
    random: { next: () => Math.random() },
    timeouts: nodeTimeouts,
    log: typeof options.log === 'function' ? options.log : createLogSink(options.log),
    ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    ...(options.lookups === undefined ? {} : { lookups: options.lookups }),
    ...(options.longWork === undefined ? {} : { longWork: options.longWork }),
  }
}
