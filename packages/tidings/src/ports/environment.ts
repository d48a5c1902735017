// What Tidings gets from the platform that it runs on: everything that is not deterministic, in one value.

import type { Clock } from './clock.ts'
import type { Effects } from './effects.ts'
import type { Ids, Random } from './ids.ts'
import type { LogSink } from './log-sink.ts'
import type { Lookups } from './lookups.ts'
import type { Timeouts } from './timeouts.ts'
import type { Tracing } from './tracing.ts'

/** The environment of a runtime and its driver. Tests pass one in which time and chance do as they are told. */
export interface Environment {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly timeouts: Timeouts
  /** Where log lines go. */
  readonly log: LogSink
  /** Spans. Default: none are made. */
  readonly tracing?: Tracing
  /** Carries lookups to services that run elsewhere; lookups to services of the same system need none. */
  readonly lookups?: Lookups
  /** Performs effects in place of their own functions: tests and simulations. */
  readonly effects?: Effects
}
