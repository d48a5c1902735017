// The port for tracing spans. `tidings/opentelemetry` implements it with OpenTelemetry.

/** Attributes of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A running span. */
export interface Span {
  /** W3C trace context of the span; events and calls that it causes carry it. `null` without one. */
  readonly traceparent: string | null
  /** Ends the span, as failed if there is an error. */
  end(error?: unknown): void
}

/** Starts spans. */
export interface Tracing {
  /**
   * Starts a span.
   *
   * @param name - such as `command place-order` or `handle shop.order-placed`.
   * @param parent - W3C trace context of the cause; `null` if there is none.
   */
  start(name: string, parent: string | null, attributes: SpanAttributes): Span
}
