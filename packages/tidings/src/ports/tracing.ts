// Spans without a tracing library: the shape the runtime speaks to. `tidings/opentelemetry` fills it with OpenTelemetry.

/** Values of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** A running span. */
export interface Span {
  /** W3C trace context of the span, to travel with what it causes. */
  readonly traceparent: string | null
  /** Ends the span; with the error where there was one. */
  end(error?: unknown): void
}

/** Starts spans. */
export interface Tracing {
  /**
   * @param name - `command place-order`, `handle shop.order-placed`.
   * @param parent - W3C trace context of what caused it.
   */
  start(name: string, parent: string | null, attributes: SpanAttributes): Span
}
