// The OpenAPI 3.1 document of an HTTP API, made from declarations alone: it has the schemas that the API checks.

import type { CommandContract, LiveQueryContract, QueryContract, Schema, Service } from 'tidings'
import { jsonSchemaOf } from 'tidings/contracts'
import { statusOfCode } from '../endpoint/status-of-code.ts'
import { exposedPartsOf } from './exposed-parts.ts'

/** Options of a document. */
export interface OpenApiOptions {
  /** `service`: every path begins with the service's name; `none`: paths of a single service, without its name. */
  readonly prefix: 'service' | 'none'
}

type Json = Readonly<Record<string, unknown>>

/** Makes the OpenAPI document of services. Pure. */
export function openApiOf(services: readonly Service[], options: OpenApiOptions): Json {
  const [only] = services.length === 1 ? services : []
  const paths = services.flatMap((service) => {
    const prefix = options.prefix === 'service' ? `/${service.name}` : ''
    const { commands, queries, liveQueries } = exposedPartsOf(service)
    return [
      ...commands.map((command) => [`${prefix}/commands/${command.name}`, commandPath(service, command)]),
      ...queries.map(({ query }) => [`${prefix}/queries/${query.name}`, queryPath(service, query)]),
      ...liveQueries.map(({ live }) => [`${prefix}/live/${live.name}`, livePath(service, live)]),
    ]
  })
  return {
    openapi: '3.1.0',
    info: { title: only?.name ?? 'All services', version: '1', ...described(only?.description) },
    tags: services.map(({ name, description }) => ({ name, ...described(description) })),
    paths: Object.fromEntries(paths),
    components: { schemas: { Problem: problemSchema }, parameters },
  }
}

function commandPath(service: Service, command: CommandContract): Json {
  const output =
    command.output === undefined ? {} : { output: schemaOf(command.output, 'output', idOf(service, command)) }
  return {
    post: {
      operationId: `${service.name}.${command.name}`,
      tags: [service.name],
      summary: `Command ${command.name}`,
      ...described(command.description),
      parameters: parametersOf('IdempotencyKey', 'OccurredAt', 'CorrelationId', 'TraceParent'),
      requestBody: body(command.input, idOf(service, command)),
      responses: {
        200: answer('The command was accepted.', {
          type: 'object',
          properties: {
            commandId: { type: 'string', description: 'The id of the command. Its events name it as their cause.' },
            replayed: {
              type: 'boolean',
              description: 'True if this repeats the first answer to the same idempotency key.',
            },
            token: {
              type: 'string',
              description:
                'Send it with a query as Tidings-After: the answer then includes the effects of this command.',
            },
            ...output,
          },
          required: ['commandId', 'replayed', 'token', ...Object.keys(output)],
        }),
        409: problem('The service rejected the command; `rejection` says why.'),
        ...commonProblems,
      },
    },
  }
}

function queryPath(service: Service, query: QueryContract): Json {
  return {
    post: {
      operationId: `${service.name}.${query.name}`,
      tags: [service.name],
      summary: `Query ${query.name}`,
      ...described(query.description),
      parameters: parametersOf('After', 'CorrelationId', 'TraceParent'),
      requestBody: body(query.input, idOf(service, query)),
      responses: {
        200: answer('The answer.', schemaOf(query.output, 'output', idOf(service, query))),
        404: problem('Not found, or no longer there.'),
        ...commonProblems,
      },
    },
  }
}

function livePath(service: Service, live: LiveQueryContract): Json {
  const input = { 'application/json': { schema: schemaOf(live.input, 'input', idOf(service, live)) } }
  const parameter = (name: string, description: string, rest: Json) => ({ name, in: 'query', description, ...rest })
  return {
    get: {
      operationId: `${service.name}.${live.name}`,
      tags: [service.name],
      summary: `Live query ${live.name}`,
      ...described(live.description),
      parameters: [
        parameter('input', 'The input as JSON, URI-encoded.', { required: true, content: input }),
        parameter('after', 'The id of the last event that was read. The stream goes on after it.', {
          schema: { type: 'string' },
        }),
        ...parametersOf('LastEventId', 'CorrelationId'),
      ],
      responses: {
        200: {
          description:
            'Server-sent events until either side ends the stream: `snapshot` (all rows, replaces earlier ones), `put`, `remove`.',
          content: {
            'text/event-stream': { schema: liveItemSchema(schemaOf(live.row, 'output', idOf(service, live))) },
          },
        },
        ...commonProblems,
      },
    },
  }
}

/** The `data` of the events. */
const liveItemSchema = (row: Json): Json => {
  const key = { type: 'string' }
  const shown = { type: 'object', properties: { key, row }, required: ['key', 'row'] }
  const rows = { type: 'array', items: shown }
  return {
    anyOf: [
      { title: 'snapshot', type: 'object', properties: { rows }, required: ['rows'] },
      { title: 'put', ...shown },
      { title: 'remove', type: 'object', properties: { key }, required: ['key'] },
    ],
  }
}

const headerParameter = (name: string, description: string, schema: Json): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})

const parameters: Readonly<Record<string, Json>> = {
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
}

const parametersOf = (...names: readonly string[]) => names.map((name) => ({ $ref: `#/components/parameters/${name}` }))

const problemSchema: Json = {
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

const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const commonProblems: Json = {
  400: problem('The body is not JSON, or a header is invalid.'),
  401: problem('The caller is not authenticated.'),
  403: problem('The caller may not do this.'),
  [statusOfCode.PAYLOAD_TOO_LARGE]: problem('The body is too large.'),
  415: problem('The content type of the body is not JSON.'),
  [statusOfCode.INVALID_PAYLOAD]: problem('The input is not valid; `issues` lists the reasons.'),
  500: problem('The service failed.'),
  503: problem('The service is unavailable; send the request again, a command with the same Idempotency-Key.'),
}

function idOf(service: Service, { kind, name }: CommandContract | QueryContract | LiveQueryContract): string {
  return `${service.name}:${kind}:${name}`
}

function body(schema: Schema, id: string): Json {
  return { required: true, content: { 'application/json': { schema: schemaOf(schema, 'input', id) } } }
}

function answer(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } }
}

// Omits `$schema`, because it names the default dialect of OpenAPI 3.1. If a schema has no JSON Schema, it allows anything. If it refers to
// its own parts, it gets an id, so that the references resolve within it and not within the document.
function schemaOf(schema: Schema, side: 'input' | 'output', id: string): Json {
  const { $schema: _dialect, ...rest } = jsonSchemaOf(schema, side) ?? {}
  return JSON.stringify(rest).includes('"$ref"') ? { $id: `urn:tidings:schema:${id}:${side}`, ...rest } : rest
}

function described(description: string | undefined): Json {
  return description === undefined ? {} : { description }
}
