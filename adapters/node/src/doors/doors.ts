// The doors of services: their commands, queries and live queries over HTTP. A door needs nothing but its own service (P6): no broker, no other
// service stands between a request and its answer.

import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { TidingsError } from 'tidings'
import type { Host, ServiceRuntime } from 'tidings/runtime'
import { answerJson, answerProblem, type Edge, type Exchange } from '../http/answer.ts'
import { createEdge, onlyMethod } from '../http/edge.ts'
import { edgeProblem } from '../http/problem.ts'
import { parseJson, readJson } from '../http/read-json.ts'
import { servePages } from '../pages/serve-pages.ts'
import type { DoorRequest } from './door-options.ts'
import type { DoorSettings } from './door-settings.ts'
import type { EventStreams } from './event-streams.ts'
import type { LiveBundles } from './live-bundle.ts'
import { type OpenApiOptions, openApiOf } from './openapi.ts'
import { queryOptions, requestOptions } from './request-options.ts'

/** What doors are made with. */
export interface DoorsOptions {
  readonly services: readonly ServiceRuntime[]
  readonly settings: DoorSettings
  readonly host: Host
  /** Where live queries are streamed. */
  readonly streams: EventStreams
  /** Where several of them are read over one connection. */
  readonly bundles: LiveBundles
}

/**
 * The doors of services: `POST /<service>/commands/<name>`, `POST /<service>/queries/<name>`, `GET /<service>/live/<name>`,
 * `GET /live` for several of those at once, `GET /<service>/openapi.json`, and `GET /openapi.json` of them all. A single service also answers without its name in front.
 */
export function createDoors({ services, settings, host, streams, bundles }: DoorsOptions): Edge {
  const app = createEdge({ policy: settings.policy, host })
  const running = new Map(services.map((service) => [service.name, service]))
  app.use(servePages(settings.pages, running.keys()))
  const [only] = services.length === 1 ? services : []
  const declarations = services.map(({ declaration }) => declaration)

  const serviceOf = (name: string): ServiceRuntime => {
    const service = running.get(name)
    if (service !== undefined) return service
    throw new TidingsError('UNKNOWN_SERVICE', `No service ${JSON.stringify(name.slice(0, 120))} has a door here.`, {
      details: { services: [...running.keys()] },
    })
  }
  const authorized = async (context: Exchange, request: Omit<DoorRequest, 'headers'>): Promise<string | null> => {
    const who = await settings.authorize({ ...request, headers: context.req.raw.headers })
    if (who !== undefined) return who.principal
    throw new TidingsError('UNAUTHENTICATED', 'The door does not know who is asking.')
  }
  const bodyOf = (context: Exchange, service: ServiceRuntime): Promise<unknown> =>
    readJson(context.req.raw, {
      bodyBytesMax: settings.bodyBytesMax,
      payloadDepthMax: service.declaration.limits.payloadDepthMax,
    })

  const command = async (context: Exchange, service: ServiceRuntime, name: string): Promise<Response> => {
    const principal = await authorized(context, { service: service.name, kind: 'command', name })
    const options = { ...requestOptions(context.req.raw.headers), principal }
    const result = await service.command(name, await bodyOf(context, service), options)
    const { commandId, replayed, token } = result
    if (result.accepted) return answerJson(context, { commandId, replayed, token, output: result.output })
    const { code, message, details } = result.rejection
    return answerProblem(
      context,
      edgeProblem('rejected', message, { rejection: { code, details }, commandId, replayed, token }),
    )
  }
  const query = async (context: Exchange, service: ServiceRuntime, name: string): Promise<Response> => {
    const principal = await authorized(context, { service: service.name, kind: 'query', name })
    const options = { ...queryOptions(context.req.raw.headers), principal }
    const answer = await service.query(name, await bodyOf(context, service), options)
    if (answer !== undefined) return answerJson(context, answer)
    return answerProblem(context, edgeProblem('gone', `Query ${name} found nothing.`))
  }
  const live = async (context: Exchange, service: ServiceRuntime, name: string): Promise<Response> => {
    if (context.req.method !== 'GET') return onlyMethod('GET')(context)
    const principal = await authorized(context, { service: service.name, kind: 'live', name })
    const { headers } = context.req.raw
    const after = headers.get('last-event-id') ?? context.req.query('after')
    const input = context.req.query('input')
    const { correlationId } = queryOptions(headers)
    const reader = await service.live(
      name,
      input === undefined ? undefined : parseJson(input, service.declaration.limits.payloadDepthMax),
      {
        principal,
        ...(after === undefined ? {} : { after }),
        ...(correlationId === undefined ? {} : { correlationId }),
      },
    )
    streams.serve(context, reader, name)
    return RESPONSE_ALREADY_SENT
  }
  const document = async (
    context: Exchange,
    service: string,
    list: typeof declarations,
    prefix: OpenApiOptions['prefix'],
  ) => {
    await authorized(context, { service, kind: 'document', name: 'openapi' })
    return answerJson(context, openApiOf(list, { prefix }))
  }

  const named = (context: Exchange) => serviceOf(context.req.param('service') ?? '')
  const nameIn = (context: Exchange) => context.req.param('name') ?? ''
  const post = (path: string, run: (context: Exchange) => Promise<Response>) =>
    app.post(path, run).all(path, onlyMethod('POST'))
  const get = (path: string, run: (context: Exchange) => Promise<Response>) =>
    app.get(path, run).all(path, onlyMethod('GET'))

  get('/openapi.json', (context) =>
    document(context, only?.name ?? '', declarations, only === undefined ? 'service' : 'none'),
  )
  if (only !== undefined) {
    post('/commands/:name', (context) => command(context, only, nameIn(context)))
    post('/queries/:name', (context) => query(context, only, nameIn(context)))
  }
  post('/:service/commands/:name', async (context) => command(context, named(context), nameIn(context)))
  post('/:service/queries/:name', async (context) => query(context, named(context), nameIn(context)))
  get('/:service/live/:name', async (context) => live(context, named(context), nameIn(context)))
  get('/:service/openapi.json', async (context) => {
    const service = named(context)
    return document(context, service.name, [service.declaration], 'service')
  })
  get('/live', async (context) => bundles.serve(context, () => ownDoor(context)))
  // Last: a service may be called live.
  if (only !== undefined) get('/live/:name', (context) => live(context, only, nameIn(context)))
  return app
}

// Where this request has come in, whatever name it was called by.
function ownDoor({ env: { incoming } }: Exchange): string {
  const { localAddress = '127.0.0.1', localPort = 0 } = incoming.socket
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}
