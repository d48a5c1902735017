// The port for tracing spans. `tidings/opentelemetry` implements it with OpenTelemetry.

import type { TraceContext } from '../contracts/index.ts'

/** Attributes of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A running span. Its trace context is carried by the events and calls that it causes. */
export interface Span extends TraceContext {
  /** Calls a function inside the span: spans that it starts, also after it has waited, are children of this one. */
  run<T>(work: () => T): T
  /** Ends the span, as failed if there is an error. */
  end(error?: unknown): void
}

/** Starts spans. */
export interface Tracing {
  /**
   * Starts a span.
   *
   * @param name - such as `command place-order` or `handle shop.order-placed`.
   * @param parent - the trace context of the cause, with `null` for the parts that it does not have.
   */
  start(name: string, parent: TraceContext, attributes: SpanAttributes): Span
}
