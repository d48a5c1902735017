// What the runtime gets from whoever hosts it: everything that is not deterministic, in one value.

import type { Clock, Effects, Ids, LogSink, Lookups, Random, Scheduler, Span, Tracing } from './index.ts'

/** What a host gives the runtime. */
export interface Host {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly scheduler: Scheduler
  /** Where log lines go. */
  readonly log: LogSink
  /** Spans; none are made by default. */
  readonly tracing?: Tracing
  /** Carries lookups to services that run elsewhere; lookups to services of the same system need none. */
  readonly lookups?: Lookups
  /** Performs effects in place of their own functions: tests and simulations. */
  readonly effects?: Effects
}

const noSpan: Span = { traceparent: null, end: () => {} }

/** Tracing that makes no spans. */
export const noTracing: Tracing = {
  start: (_name, parent) => (parent === null ? noSpan : { traceparent: parent, end: () => {} }),
}
