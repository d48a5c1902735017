// The origin of work: every event, fact and log line that it causes is marked with it.

import { type Caller, keptCaller, noTrace, parseTracestate, type TraceContext } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'

/** The origin of a piece of work. */
export interface Origin {
  readonly service: string
  readonly correlationId: string
  /** The id of the command or event that is being handled. */
  readonly causationId: string
  /** `command/place-order`, `handler/dispatch-parcel`. */
  readonly causedBy: string
  readonly principal: string | null
  readonly tenant: string | null
  /** The principal with roles and claims, while a request is handled. They are not kept with anything. */
  readonly caller?: Caller | null
  readonly traceparent: string | null
  readonly tracestate: string | null
  /** Business time, in milliseconds since 1970. */
  readonly occurredAt: number
}

/** Business time in milliseconds since 1970; defaults to the given fallback. Throws `INVALID_PAYLOAD` if the date is invalid. */
export function occurredAtOf(what: string, given: Date | undefined, fallback: number): number {
  const occurredAt = given?.getTime() ?? fallback
  if (!Number.isNaN(occurredAt)) return occurredAt
  throw new TidingsError('INVALID_PAYLOAD', `${what} was given an occurredAt that is not a valid date.`)
}

/** Who caused the work, for its context: with roles and claims while a request is handled. */
export function callerOfOrigin({ caller, principal, tenant }: Origin): Caller | null {
  return caller ?? keptCaller(principal, tenant)
}

/** What an origin says of the caller of a request. */
export function ofCaller(caller: Caller | null): Pick<Origin, 'principal' | 'tenant' | 'caller'> {
  return { principal: caller?.id ?? null, tenant: caller?.tenant ?? null, caller }
}

/** The trace context alone, of a span or of an origin. */
export function traceOf({ traceparent, tracestate }: TraceContext): TraceContext {
  return { traceparent, tracestate }
}

/** The trace context that a caller gives; without a parent there is none. */
export function traceOfOptions({ traceparent, tracestate }: Partial<TraceContext>): TraceContext {
  if (traceparent === undefined || traceparent === null) return noTrace
  return { traceparent, tracestate: tracestate ?? null }
}

/** Checks a trace state; throws `INVALID_KEY`. */
export function checkTracestate(what: string, tracestate: string): void {
  if (typeof tracestate !== 'string' || parseTracestate(tracestate) !== tracestate)
    throw new TidingsError('INVALID_KEY', `${what} is not valid: it is no W3C tracestate of at most 2,048 characters.`)
}

/** The headers that pass a trace context on. */
export function traceHeadersOf({ traceparent, tracestate }: TraceContext): Readonly<Record<string, string>> {
  if (traceparent === null) return {}
  return tracestate === null ? { traceparent } : { traceparent, tracestate }
}
