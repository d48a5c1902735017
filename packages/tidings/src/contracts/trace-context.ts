// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/): what is read of its two headers.
// Invariant: tracing never makes a request fail. What is not valid is ignored, and a trace state only counts with a valid parent.

/** The trace that work belongs to. */
export interface TraceContext {
  /** The trace and the span that caused the work, as W3C `traceparent`; `null` without tracing. */
  readonly traceparent: string | null
  /** What tracers add to it, as W3C `tracestate`; `null` if nothing. */
  readonly tracestate: string | null
}

/** No trace. */
export const noTrace: TraceContext = { traceparent: null, tracestate: null }

const parentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const memberForm = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/
const memberCountMax = 32
const longMember = 128

/** The longest trace state that is kept, in characters. */
export const tracestateLengthMax = 2_048

/** Reads both headers; without a valid `traceparent` there is no trace. */
export function parseTraceContext(
  traceparent: string | null | undefined,
  tracestate: string | null | undefined,
): TraceContext {
  if (traceparent === null || traceparent === undefined) return noTrace
  const parent = parseTraceparent(traceparent)
  return parent === undefined ? noTrace : { traceparent: parent, tracestate: parseTracestate(tracestate ?? '') ?? null }
}

/**
 * A `traceparent` in version 00; `undefined` if it is not valid. Of a higher version, the part that version 00 has is read. Version `ff` and
 * ids of zeros are not valid.
 */
export function parseTraceparent(text: string): string | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = parentForm.exec(text.trim()) ?? []
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  if (version === '00') return more === undefined ? text.trim() : undefined
  // A higher version may give the other flags another meaning.
  return `00-${traceId}-${parentId}-0${Number.parseInt(flags, 16) & 1}`
}

/**
 * A `tracestate` of at most 32 members without blanks around them; `undefined` if it has none, or is not valid. If it is longer than 2,048
 * characters, members of more than 128 characters go first, then the last ones.
 */
export function parseTracestate(text: string): string | undefined {
  let members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '')
  if (members.length === 0 || members.length > memberCountMax) return undefined
  if (!members.every((member) => memberForm.test(member))) return undefined
  const isTooLong = () => members.join(',').length > tracestateLengthMax
  if (isTooLong()) members = members.filter(({ length }) => length <= longMember)
  while (isTooLong()) members.pop()
  return members.length === 0 ? undefined : members.join(',')
}
