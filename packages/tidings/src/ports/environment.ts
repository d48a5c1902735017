// The environment: everything that is not deterministic, passed in as one value.

import type { Clock } from './clock.ts'
import type { Effects } from './effects.ts'
import type { Ids, Random } from './ids.ts'
import type { LogSink } from './log-sink.ts'
import type { LongWork } from './long-work.ts'
import type { Lookups } from './lookups.ts'
import type { Timeouts } from './timeouts.ts'
import type { Tracing } from './tracing.ts'

/** The environment of a runtime and its driver. Tests pass one in which they control time, ids and randomness. */
export interface Environment {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly timeouts: Timeouts
  /** Receives log lines. */
  readonly log: LogSink
  /** Starts spans. Default: no spans. */
  readonly tracing?: Tracing
  /** Carries lookups to services that run elsewhere. Default: only lookups within the same system work. */
  readonly lookups?: Lookups
  /** Performs effects instead of the services' own functions, for tests and simulations. Default: the services' own functions. */
  readonly effects?: Effects
  /** Runs work of the driver that may block the thread for long. Default: it runs as any other. */
  readonly longWork?: LongWork
}
