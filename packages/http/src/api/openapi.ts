// The OpenAPI 3.1 document of an HTTP API, made from declarations alone: it has the schemas that the API checks.

import type { CommandContract, LiveQueryContract, QueryContract, Service } from 'tidings'
import { exposedPartsOf } from './exposed-parts.ts'
import { commonProblems, parameters, parametersOf, problem, problemSchema } from './openapi-parts.ts'
import { type JsonObject, SchemaComponents } from './openapi-schemas.ts'

/** Options of a document. */
export interface OpenApiOptions {
  /** `service`: every path begins with the service's name; `none`: paths of a single service, without its name. */
  readonly prefix: 'service' | 'none'
  /** How callers show who they are: security schemes by name, of which one is enough. Default: none; everybody may call. */
  readonly securitySchemes?: Readonly<Record<string, JsonObject>>
}

/** Makes the OpenAPI document of services. Pure. */
export function openApiOf(services: readonly Service[], options: OpenApiOptions): JsonObject {
  const [only] = services.length === 1 ? services : []
  const { securitySchemes = {} } = options
  const exposed = services.map((service) => ({ service, parts: exposedPartsOf(service) }))
  const schemas = new SchemaComponents(
    exposed.flatMap(({ parts: { commands, queries, liveQueries } }) => [
      ...commands.flatMap(({ input, output }) => [input, output]),
      ...queries.flatMap(({ query: { input, output } }) => [input, output]),
      ...liveQueries.flatMap(({ live: { input, row } }) => [input, row]),
    ]),
  )
  const paths = exposed.flatMap(({ service, parts: { commands, queries, liveQueries } }) => {
    const prefix = options.prefix === 'service' ? `/${service.name}` : ''
    return [
      ...commands.map((command) => [`${prefix}/commands/${command.name}`, commandPath(service, command, schemas)]),
      ...queries.map(({ query }) => [`${prefix}/queries/${query.name}`, queryPath(service, query, schemas)]),
      ...liveQueries.map(({ live }) => [`${prefix}/live/${live.name}`, livePath(service, live, schemas)]),
    ]
  })
  const live = exposed.filter(({ parts }) => parts.liveQueries.length > 0).map(({ service }) => service)
  return {
    openapi: '3.1.0',
    info: { title: only?.name ?? 'All services', version: '1', ...described(only?.description) },
    // Relative to the document, so that it is right under every host name and behind every proxy.
    servers: [{ url: '/', description: 'The origin of this document.' }],
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: services.map(({ name, description }) => ({ name, description: description ?? `The service ${name}.` })),
    paths: Object.fromEntries([...paths, ...(live.length > 0 ? [['/live', bundlePath(live)]] : [])]),
    components: {
      schemas: { Problem: problemSchema, ...schemas.all },
      parameters: usedParameters(paths.map(([, path]) => path)),
      ...(Object.keys(securitySchemes).length === 0 ? {} : { securitySchemes }),
    },
  }
}

function usedParameters(paths: readonly unknown[]): JsonObject {
  const text = JSON.stringify(paths)
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => text.includes(`/parameters/${name}"`)))
}

function commandPath(service: Service, command: CommandContract, schemas: SchemaComponents): JsonObject {
  const name = `${service.name}.${command.name}`
  const output =
    command.output === undefined ? {} : { output: schemas.add({ schema: command.output, name, side: 'output' }) }
  return {
    post: {
      operationId: name,
      tags: [service.name],
      summary: `Command ${command.name}`,
      ...described(command.description),
      parameters: parametersOf('IdempotencyKey', 'OccurredAt', 'CorrelationId', 'TraceParent', 'TraceState'),
      requestBody: body(schemas.add({ schema: command.input, name, side: 'input' })),
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

function queryPath(service: Service, query: QueryContract, schemas: SchemaComponents): JsonObject {
  const name = `${service.name}.${query.name}`
  return {
    post: {
      operationId: name,
      tags: [service.name],
      summary: `Query ${query.name}`,
      ...described(query.description),
      parameters: parametersOf('After', 'CorrelationId', 'TraceParent', 'TraceState'),
      requestBody: body(schemas.add({ schema: query.input, name, side: 'input' })),
      responses: {
        200: answer('The answer.', schemas.add({ schema: query.output, name, side: 'output' })),
        404: problem('Not found, or no longer there.'),
        ...commonProblems,
      },
    },
  }
}

function livePath(service: Service, live: LiveQueryContract, schemas: SchemaComponents): JsonObject {
  const name = `${service.name}.${live.name}`
  const input = { 'application/json': { schema: schemas.add({ schema: live.input, name, side: 'input' }) } }
  return {
    get: {
      operationId: name,
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
            'text/event-stream': { schema: liveItemSchema(schemas.add({ schema: live.row, name, side: 'output' })) },
          },
        },
        429: problem('The caller’s address reads too many live streams already.'),
        ...commonProblems,
      },
    },
  }
}

/** The `data` of the events. */
const liveItemSchema = (row: JsonObject): JsonObject => {
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

/** Several live queries over one connection. */
function bundlePath(services: readonly Service[]): JsonObject {
  const of = { type: 'array', minItems: 1, maxItems: 16, items: { type: 'array', minItems: 3, maxItems: 4 } }
  const part = { of: { type: 'integer', minimum: 0, description: 'The place in the list.' } }
  return {
    get: {
      operationId: 'live',
      tags: services.map(({ name }) => name),
      summary: 'Several live queries in one answer',
      parameters: [
        parameter(
          'of',
          'A list of [service, name, input] as JSON, URI-encoded. A fourth member may be the id of the last event that was read.',
          {
            required: true,
            content: { 'application/json': { schema: of } },
          },
        ),
        ...parametersOf('CorrelationId'),
      ],
      responses: {
        200: {
          description:
            'Server-sent events: those of each live query, `refused` with its problem, and `away` while its service is down.',
          content: { 'text/event-stream': { schema: { type: 'object', properties: part, required: ['of'] } } },
        },
        429: problem('The caller’s address reads too many live streams already.'),
        ...commonProblems,
      },
    },
  }
}

function parameter(name: string, description: string, rest: JsonObject): JsonObject {
  return { name, in: 'query', description, ...rest }
}

function body(schema: JsonObject): JsonObject {
  return { required: true, content: { 'application/json': { schema } } }
}

function answer(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } }
}

function described(description: string | undefined): JsonObject {
  return description === undefined ? {} : { description }
}
