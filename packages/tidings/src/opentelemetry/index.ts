// Tracing with OpenTelemetry, through its API package only: the SDK that the host has set up receives the spans.

import { type Context, context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { TraceContext } from '../contracts/index.ts'
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
 * Without an SDK, the API creates no spans at almost no cost. Events, lookups and effects carry the trace context as W3C `traceparent` and
 * `tracestate`, which needs the SDK's W3C propagator (the SDK's default). Your functions run inside the span of their command, event, query,
 * timer or effect, so spans of your own become its children; this needs the SDK's context manager (also the default on Node).
 */
export function openTelemetryTracing(options: OpenTelemetryOptions = {}): Tracing {
  const tracer = trace.getTracer(options.name ?? 'tidings')
  return {
    start(name, parent, attributes): Span {
      const from = contextOf(parent)
      const span = tracer.startSpan(name, { attributes }, from)
      const inside = trace.setSpan(from, span)
      const carrier: { traceparent?: string; tracestate?: string } = {}
      propagation.inject(inside, carrier)
      const { traceparent, tracestate = null } = carrier
      return {
        ...(traceparent === undefined ? parent : { traceparent, tracestate }),
        run: (work) => context.with(inside, work),
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

// If a span of the same trace is active, such as that of an instrumented HTTP server, it is nearer to the work than the span that the caller
// sent.
function contextOf({ traceparent, tracestate }: TraceContext): Context {
  const active = context.active()
  if (traceparent === null) return active
  const current = trace.getSpanContext(active)
  if (current !== undefined && traceparent.includes(current.traceId)) return active
  return propagation.extract(ROOT_CONTEXT, { traceparent, ...(tracestate === null ? {} : { tracestate }) })
}
