// The headers of a request that are options of its command or query.

import { TidingsError } from 'tidings'
import { parseTime, parseTraceContext } from 'tidings/contracts'
import type { AnswerQueryOptions, HandleCommandOptions } from 'tidings/runtime'
import { afterHeader, correlationHeader, occurredAtHeader } from '../wire/headers.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'

const correlationForm = /^[A-Za-z0-9._~:/-]{1,128}$/

/** Reads the headers; throws `INVALID_KEY` or `INVALID_PAYLOAD`, which name the header. */
export function requestOptions(headers: Headers): HandleCommandOptions {
  const key = headers.get('idempotency-key')
  const occurredAt = headers.get(occurredAtHeader)
  const correlationId = headers.get(correlationHeader)
  const { traceparent, tracestate } = parseTraceContext(headers.get('traceparent'), headers.get('tracestate'))
  return {
    ...(key === null ? {} : { idempotencyKey: idempotencyKeyOf(key) }),
    ...(occurredAt === null ? {} : { occurredAt: time(occurredAt) }),
    ...(correlationId === null ? {} : { correlationId: correlation(correlationId) }),
    // An invalid trace context is ignored, as W3C demands: tracing never makes a request fail.
    ...(traceparent === null ? {} : { traceparent }),
    ...(tracestate === null ? {} : { tracestate }),
  }
}

/** Reads the headers of a query; throws `INVALID_PAYLOAD`, which names the header. Tokens are checked later, by the query. */
export function queryOptions(headers: Headers): AnswerQueryOptions {
  const { correlationId, traceparent, tracestate } = requestOptions(headers)
  const after = headers.get(afterHeader)
  return {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(after === null ? {} : { after: after.split(',').map((token) => token.trim()) }),
  }
}

function time(header: string): Date {
  const time = parseTime(header)
  if (time === undefined) throw wrong('Tidings-Occurred-At', 'is not a time such as 2026-01-31T12:00:00Z')
  return new Date(time)
}

function correlation(header: string): string {
  if (!correlationForm.test(header))
    throw wrong('Tidings-Correlation-Id', 'is not 1 to 128 letters, digits or characters from ._~:/-')
  return header
}

function wrong(name: string, message: string): TidingsError {
  return new TidingsError('INVALID_PAYLOAD', `The header ${name} ${message}.`, {
    details: { issues: [{ path: '', message: `header ${name} ${message}` }] },
  })
}
