// The HTTP API of services: their commands, queries and live queries. A request to a service needs only that service (P6): it waits neither
// for a broker nor for another service.

import { checkList, checkObject } from 'tidings/errors'
import type { Environment, ServiceRuntime } from 'tidings/runtime'
import { Admission } from '../endpoint/admission.ts'
import type { Answer } from '../endpoint/answer.ts'
import { createEndpoint, type HttpEndpoint } from '../endpoint/create-endpoint.ts'
import type { Connection, Exchange } from '../endpoint/exchange.ts'
import { answerBundle, bundleAccess, refusedPart, unknownPart } from '../live/answer-bundle.ts'
import type { AdmittedPart, BundleEvent, BundleHost } from '../live/live-bundle.ts'
import { type LiveSelection, LiveStreams } from '../live/live-streams.ts'
import { StreamPlaces } from '../live/stream-places.ts'
import { answerDocument } from './answer-document.ts'
import { type ApiAccessOptions, apiAccess } from './api-options.ts'
import { authorizeLimits } from './authorize-in-time.ts'
import { addressOf } from './principal.ts'
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
  /**
   * Ends the live streams of a principal or a tenant, for example after it has signed out; returns how many. Readers that come back are authorized anew.
   */
  endLive(selection?: LiveSelection): number
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
export function createHttpApi<C extends Connection = Connection>(options: HttpApiOptions<C>): HttpApi<C> {
  const hint = 'Write `createHttpApi({ services: [...system.services.values()], environment })`.'
  checkObject(options, { what: 'The options of an HTTP API', hint })
  checkList(options.services, { what: '`services` of an HTTP API', hint })
  checkObject(options.environment, { what: '`environment` of an HTTP API', hint })
  const { services, settings, environment, pages, development = false } = options
  const access = apiAccess(settings)
  const streams = new LiveStreams(environment)
  const places = new StreamPlaces(access.connectionCountPerAddressMax)
  const admission = new Admission({ who: 'this process', waitMsMax: access.requestWaitMsMax, environment })
  const declarations = services.map(({ declaration }) => declaration)
  const authorizeLimit = authorizeLimits(declarations, environment.timeouts)
  const shared = { access, streams, places, environment, admission, authorizeLimit, development }
  const apis = new Map(services.map((service) => [service.name, new ServiceApi(service, shared)]))
  const [only] = apis.size === 1 ? apis.values() : []

  const document = (exchange: Exchange) => answerDocument(access, exchange, declarations, authorizeLimit(''))
  const bundle = (exchange: Exchange): Promise<Answer> => {
    const partAccess = bundleAccess(access, exchange, environment, authorizeLimit)
    const host: BundleHost = {
      ...partAccess,
      // Within a process no connection is needed to read a part, so each is a group of its own.
      groupOf: (_part, index) => index,
      read: (parts, signal) => readParts(apis, exchange, parts, signal, partAccess.problemOf),
    }
    return answerBundle({ exchange, host, streams, leave: places.take(addressOf(access, exchange)) })
  }
  const routes: ApiRoutes<C> = { only, service: (name) => apis.get(name), document, bundle }
  const route = (exchange: Exchange<C>) => routeRequest(routes, exchange)
  const endpoint = createEndpoint<C>({
    policy: access.policy,
    environment,
    route: pages === undefined ? route : async (exchange) => (await pages(exchange)) ?? route(exchange),
  })
  return { ...endpoint, endLive: (selection = {}) => streams.endOf(selection), close: () => streams.close() }
}

// Reads the one part of a group.
async function* readParts(
  apis: ReadonlyMap<string, ServiceApi>,
  exchange: Exchange,
  parts: readonly AdmittedPart[],
  signal: AbortSignal,
  problemOf: BundleHost['problemOf'],
): AsyncGenerator<BundleEvent> {
  for (const part of parts) {
    const of = part.index
    const api = apis.get(part.service)
    if (api === undefined) {
      yield refusedPart(of, unknownPart(part))
      continue
    }
    try {
      for await (const { kind, id, json } of api.follow(exchange, part, signal)) yield { of, event: kind, id, json }
    } catch (error) {
      const problem = problemOf(error, part)
      // While a service is not available, its part is away.
      if (problem.status >= 500) throw error
      yield refusedPart(of, problem)
    }
  }
}
