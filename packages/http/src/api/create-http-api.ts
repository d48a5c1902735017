// The HTTP API of services: their commands, queries and live queries. A request to a service needs only that service (P6): it waits neither
// for a broker nor for another service.

import { TidingsError } from 'tidings'
import type { Environment, ServiceRuntime } from 'tidings/runtime'
import { type Answer, answerJson } from '../endpoint/answer.ts'
import { createEndpoint, type HttpEndpoint, loggedProblem, notFound, onlyMethod } from '../endpoint/create-endpoint.ts'
import { type Connection, decodePart, type Exchange } from '../endpoint/exchange.ts'
import { type AskForPart, LiveBundle } from '../live/live-bundle.ts'
import { LiveStreams } from '../live/live-streams.ts'
import { type ApiAccessOptions, apiAccess } from './api-options.ts'
import { openApiOf } from './openapi.ts'
import { principalOf } from './principal.ts'
import { ServiceApi } from './service-api.ts'

/** Options of an HTTP API. */
export interface HttpApiOptions<C extends Connection = Connection> {
  /** The running services whose commands, queries and live queries can be called. */
  readonly services: readonly ServiceRuntime[]
  /** Who may call, from where, and how large a body may be. Default: anybody, by a loopback host name. */
  readonly settings?: ApiAccessOptions
  /** Clock, log and timeouts. */
  readonly environment: Pick<Environment, 'clock' | 'log' | 'timeouts'>
  /**
   * Answers requests for web pages, before the API does and without `authorize`. Return `undefined` to leave a request to the API. Default:
   * none.
   */
  readonly pages?: (exchange: Exchange<C>) => Promise<Answer | undefined>
  /**
   * For a developer's own machine: the 404 for an internal command, query or live query says how to expose it. Without, it is the same as for a name
   * that does not exist. Default: false.
   */
  readonly development?: boolean
}

/** The HTTP API of services. */
export interface HttpApi<C extends Connection = Connection> extends HttpEndpoint<C> {
  /** Ends all streams of live queries and refuses new ones. Safe to call twice. */
  close(): void
}

/**
 * Creates the HTTP API of services: `POST /<service>/commands/<name>`, `POST /<service>/queries/<name>`, `GET /<service>/live/<name>`,
 * `GET /live` for several live queries at once, `GET /<service>/openapi.json`, and `GET /openapi.json` for all services. If there is only
 * one service, its name can be left out.
 *
 * @example
 * ```ts
 * const api = createHttpApi({ services: [...system.services.values()], environment })
 * const response = await api.fetch(request)
 * ```
 */
export function createHttpApi<C extends Connection = Connection>({
  services,
  settings,
  environment,
  pages,
  development = false,
}: HttpApiOptions<C>): HttpApi<C> {
  const access = apiAccess(settings)
  const streams = new LiveStreams(environment)
  const apis = new Map(services.map((service) => [service.name, new ServiceApi(service, access, streams, development)]))
  const [only] = apis.size === 1 ? apis.values() : []

  const serviceOf = (name: string): ServiceApi => {
    const found = apis.get(name)
    if (found !== undefined) return found
    throw new TidingsError('UNKNOWN_SERVICE', `There is no service ${JSON.stringify(name.slice(0, 120))} here.`, {
      details: { services: [...apis.keys()] },
    })
  }
  const document = async ({ headers, connection }: Exchange): Promise<Answer> => {
    const service = only?.name ?? ''
    await principalOf(access, { service, kind: 'document', name: 'openapi', headers, connection })
    const declarations = services.map(({ declaration }) => declaration)
    return answerJson(openApiOf(declarations, { prefix: only === undefined ? 'service' : 'none' }))
  }
  const bundle = (exchange: Exchange): Answer => {
    const ask: AskForPart = async (part, { headers, signal }) => {
      try {
        return {
          events: await serviceOf(part.service).follow(
            part,
            { headers: new Headers(headers), connection: exchange.connection },
            signal,
          ),
        }
      } catch (error) {
        const problem = loggedProblem(error, `GET /${part.service}/live/${part.name}`.slice(0, 204), environment)
        return { status: problem.status, problem: JSON.stringify(problem) }
      }
    }
    return streams.answer(new LiveBundle(exchange.query('of'), exchange.headers, ask, environment.timeouts))
  }

  const route = (exchange: Exchange): Answer | Promise<Answer> => {
    const [, first = '', second, third, ...more] = exchange.path.split('/')
    if (more.length > 0 || first === '' || second === '' || third === '') return notFound(exchange)
    if (second === undefined) {
      if (first === 'openapi.json') return exchange.readMethod === 'GET' ? document(exchange) : onlyMethod('GET')
      if (first === 'live') return exchange.method === 'GET' ? bundle(exchange) : onlyMethod('GET')
      return notFound(exchange)
    }
    if (third === undefined) {
      // If a service is named `live`, `/live/openapi.json` is its document and not a live query named `openapi.json`.
      if (second === 'openapi.json' && (only === undefined || (first !== 'commands' && first !== 'queries')))
        return exchange.readMethod === 'GET' ? serviceOf(decodePart(first)).document(exchange) : onlyMethod('GET')
      return only === undefined ? notFound(exchange) : call(first, exchange, () => only, second)
    }
    return call(second, exchange, () => serviceOf(decodePart(first)), third)
  }
  const endpoint = createEndpoint<C>({
    policy: access.policy,
    environment,
    route: pages === undefined ? route : async (exchange) => (await pages(exchange)) ?? route(exchange),
  })
  return { ...endpoint, close: () => streams.close() }
}

/** Calls a command, query or live query: `kind` is the path's `commands`, `queries` or `live`, and `part` the name in the path. */
function call(kind: string, exchange: Exchange, service: () => ServiceApi, part: string): Answer | Promise<Answer> {
  if (kind === 'live') {
    return exchange.method === 'GET' ? service().live(exchange, decodePart(part)) : onlyMethod('GET')
  }
  if (kind !== 'commands' && kind !== 'queries') return notFound(exchange)
  if (exchange.method !== 'POST') return onlyMethod('POST')
  return kind === 'commands'
    ? service().command(exchange, decodePart(part))
    : service().query(exchange, decodePart(part))
}
