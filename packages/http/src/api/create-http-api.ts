// The HTTP API of services: their commands, queries and live queries. A request to a service needs only that service (P6): it waits neither
// for a broker nor for another service.

import type { Environment, ServiceRuntime } from 'tidings/runtime'
import { type Answer, answerJson } from '../endpoint/answer.ts'
import { createEndpoint, type HttpEndpoint, loggedProblem } from '../endpoint/create-endpoint.ts'
import type { Connection, Exchange } from '../endpoint/exchange.ts'
import { type AskForPart, LiveBundle, unknownPart } from '../live/live-bundle.ts'
import { LiveStreams } from '../live/live-streams.ts'
import { type ApiAccessOptions, apiAccess } from './api-options.ts'
import { openApiOf } from './openapi.ts'
import { principalOf } from './principal.ts'
import { type ApiRoutes, routeRequest } from './route-request.ts'
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

  const document = async ({ headers, connection }: Exchange): Promise<Answer> => {
    const service = only?.name ?? ''
    await principalOf(access, { service, kind: 'document', name: 'openapi', headers, connection })
    const declarations = services.map(({ declaration }) => declaration)
    return answerJson(
      openApiOf(declarations, {
        prefix: only === undefined ? 'service' : 'none',
        securitySchemes: access.securitySchemes,
      }),
    )
  }
  const bundle = (exchange: Exchange): Answer => {
    const ask: AskForPart = async (part, { headers, signal }) => {
      const api = apis.get(part.service)
      if (api === undefined) return unknownPart(part)
      try {
        const caller = { headers: new Headers(headers), connection: exchange.connection }
        return { events: await api.follow(part, caller, signal) }
      } catch (error) {
        const problem = loggedProblem(error, `GET /${part.service}/live/${part.name}`.slice(0, 204), environment)
        return { status: problem.status, problem: JSON.stringify(problem) }
      }
    }
    return streams.answer(new LiveBundle(exchange.query('of'), exchange.headers, ask, environment.timeouts))
  }
  const routes: ApiRoutes<C> = { only, service: (name) => apis.get(name), document, bundle }
  const route = (exchange: Exchange<C>) => routeRequest(routes, exchange)
  const endpoint = createEndpoint<C>({
    policy: access.policy,
    environment,
    route: pages === undefined ? route : async (exchange) => (await pages(exchange)) ?? route(exchange),
  })
  return { ...endpoint, close: () => streams.close() }
}
