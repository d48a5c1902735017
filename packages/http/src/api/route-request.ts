// The routes of the HTTP API. One process and the front of several use the same ones, so that both answer a path and a method alike.

import type { Answer } from '../endpoint/answer.ts'
import { notFound, onlyMethod } from '../endpoint/create-endpoint.ts'
import { type Connection, decodePart, type Exchange } from '../endpoint/exchange.ts'

/** What answers the requests to one service. */
export interface ServiceRoutes<C extends Connection = Connection> {
  command(exchange: Exchange<C>, name: string): Answer | Promise<Answer>
  query(exchange: Exchange<C>, name: string): Answer | Promise<Answer>
  live(exchange: Exchange<C>, name: string): Answer | Promise<Answer>
  /** Its OpenAPI document. */
  document(exchange: Exchange<C>): Answer | Promise<Answer>
}

/** What answers the requests to an API. */
export interface ApiRoutes<C extends Connection = Connection> {
  /** The service whose name can be left out, because it is the only one; `undefined` if there are several. */
  readonly only: ServiceRoutes<C> | undefined
  /** The service of this name, if there is one. */
  service(name: string): ServiceRoutes<C> | undefined
  /** The OpenAPI document of all services. */
  document(exchange: Exchange<C>): Answer | Promise<Answer>
  /** Several live queries in one answer. */
  bundle(exchange: Exchange<C>): Answer | Promise<Answer>
}

/** Answers a request by its path and method; 404 for a path, and 405 for a method, that the API does not have. */
export function routeRequest<C extends Connection>(
  routes: ApiRoutes<C>,
  exchange: Exchange<C>,
): Answer | Promise<Answer> {
  const [, first = '', second, third, ...more] = exchange.path.split('/')
  if (more.length > 0 || first === '' || second === '' || third === '') return notFound(exchange)
  if (second === undefined) {
    if (first === 'openapi.json') return document(routes, exchange)
    if (first === 'live') return exchange.method === 'GET' ? routes.bundle(exchange) : onlyMethod('GET')
    return notFound(exchange)
  }
  const { only } = routes
  if (third === undefined) {
    // If a service is named `live`, `/live/openapi.json` is its document and not a live query named `openapi.json`.
    if (second === 'openapi.json' && (only === undefined || (first !== 'commands' && first !== 'queries')))
      return document(routes.service(decodePart(first)), exchange)
    return call(only, first, second, exchange)
  }
  return call(routes.service(decodePart(first)), second, third, exchange)
}

function document<C extends Connection>(
  of: Pick<ServiceRoutes<C>, 'document'> | undefined,
  exchange: Exchange<C>,
): Answer | Promise<Answer> {
  if (of === undefined) return notFound(exchange)
  return exchange.readMethod === 'GET' ? of.document(exchange) : onlyMethod('GET, HEAD')
}

/** Calls a command, query or live query: `kind` is the path's `commands`, `queries` or `live`, and `part` the name in the path. */
function call<C extends Connection>(
  service: ServiceRoutes<C> | undefined,
  kind: string,
  part: string,
  exchange: Exchange<C>,
): Answer | Promise<Answer> {
  if (service === undefined || (kind !== 'live' && kind !== 'commands' && kind !== 'queries')) return notFound(exchange)
  const name = decodePart(part)
  if (kind === 'live') return exchange.method === 'GET' ? service.live(exchange, name) : onlyMethod('GET')
  if (exchange.method !== 'POST') return onlyMethod('POST')
  return kind === 'commands' ? service.command(exchange, name) : service.query(exchange, name)
}
