// Tracing with OpenTelemetry, through its API package only: the SDK that the host has set up receives the spans.

import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { describeThrown } from '../errors/index.ts'
import type { Span, Tracing } from '../ports/index.ts'

/** Options of OpenTelemetry tracing. */
export interface OpenTelemetryOptions {
  /** The instrumentation's name. Default: `tidings`. */
  readonly name?: string
}

/**
 * Creates the runtime's spans with `@opentelemetry/api`.
 *
 * Without an SDK, the API creates no spans at almost no cost. Events carry the trace context as W3C `traceparent`, which needs the SDK's
 * W3C propagator (the SDK's default).
 */
export function openTelemetryTracing(options: OpenTelemetryOptions = {}): Tracing {
  const tracer = trace.getTracer(options.name ?? 'tidings')
  return {
    start(name, parent, attributes): Span {
      const from = parent === null ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent: parent })
      const span = tracer.startSpan(name, { attributes }, from)
      const carrier: { traceparent?: string } = {}
      propagation.inject(trace.setSpan(from, span), carrier)
      return {
        traceparent: carrier.traceparent ?? parent,
        end: (...failure) => {
          // A function may also throw `undefined`.
          if (failure.length > 0) {
            const [error] = failure
            // The code or the class, not the message: messages may contain personal data.
            const { code, name } = describeThrown(error)
            span.setStatus({ code: SpanStatusCode.ERROR, message: code === 'HANDLER_FAILED' ? name : code })
          }
          span.end()
        },
      }
    },
  }
}
