// The parts of an OpenAPI document that are the same for every service: parameters, problems and the schema of problems.

import { statusOfCode } from '../endpoint/status-of-code.ts'
import type { JsonObject } from './openapi-schemas.ts'

const headerParameter = (name: string, description: string, schema: JsonObject): JsonObject => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})

/** The headers that are options of commands, queries and live queries. */
export const parameters: Readonly<Record<string, JsonObject>> = {
  IdempotencyKey: headerParameter(
    'Idempotency-Key',
    'The command runs once; a repeat with the same key gets the first answer again.',
    { type: 'string', minLength: 1, maxLength: 512 },
  ),
  OccurredAt: headerParameter('Tidings-Occurred-At', 'When the command occurred. Default: now.', {
    type: 'string',
    format: 'date-time',
  }),
  After: headerParameter(
    'Tidings-After',
    'Tokens of commands, separated by commas. The answer includes their effects, or is a 503 (READ_BEHIND).',
    { type: 'string' },
  ),
  CorrelationId: headerParameter(
    'Tidings-Correlation-Id',
    'The conversation that the request belongs to. Default: a new one.',
    {
      type: 'string',
      minLength: 1,
      maxLength: 128,
    },
  ),
  LastEventId: headerParameter('Last-Event-ID', 'Like `after`; browsers send it when they reconnect.', {
    type: 'string',
  }),
  TraceParent: headerParameter('traceparent', 'W3C trace context.', { type: 'string' }),
  TraceState: headerParameter('tracestate', 'What tracers add to the W3C trace context.', { type: 'string' }),
}

/** References to parameters. */
export const parametersOf = (...names: readonly string[]) =>
  names.map((name) => ({ $ref: `#/components/parameters/${name}` }))

/** The schema of problem details. */
export const problemSchema: JsonObject = {
  type: 'object',
  description: 'Problem details (RFC 9457).',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    hint: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
        required: ['path', 'message'],
      },
    },
    details: { type: 'object' },
    rejection: { type: 'object', properties: { code: { type: 'string' }, details: { type: 'object' } } },
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'hint'],
}

/** A response with problem details. */
export const problem = (description: string): JsonObject => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

/** The problems that every operation may have. */
export const commonProblems: JsonObject = {
  400: problem('The body is not JSON, or a header is invalid.'),
  401: problem('The caller is not authenticated.'),
  403: problem('The caller may not do this.'),
  405: {
    ...problem('The path has another method; the header Allow names it.'),
    headers: { Allow: { description: 'The methods of this path.', schema: { type: 'string' } } },
  },
  [statusOfCode.PAYLOAD_TOO_LARGE]: problem('The body is too large.'),
  415: problem('The content type of the body is not JSON.'),
  [statusOfCode.INVALID_PAYLOAD]: problem('The input is not valid; `issues` lists the reasons.'),
  500: problem('The service failed.'),
  503: problem(
    'The service is unavailable or overloaded, or too many commands wait for the same key; send the request again after `Retry-After`, a command with the same Idempotency-Key.',
  ),
  [statusOfCode.HANDLER_TIMEOUT]: problem('The service took too long.'),
}
