// The front of a system in processes: one origin that forwards each request to the process of its service.

import { Agent } from 'node:http'
import { openApiOf } from '@tidings/http'
import {
  type Answer,
  type ApiRoutes,
  type AskForPart,
  answerJson,
  answerProblem,
  apiAccess,
  createEndpoint,
  type Exchange,
  LiveBundle,
  LiveStreams,
  principalOf,
  routeRequest,
  type ServiceRoutes,
  unknownPart,
} from '@tidings/http/host'
import type { Service } from 'tidings'
import type { Environment } from 'tidings/ports'
import { servePages } from '../pages/serve-pages.ts'
import type { HttpSettings } from '../server/http-settings.ts'
import type { ListenEndpoint } from '../server/listen.ts'
import type { NodeConnection } from '../server/node-connection.ts'
import { askForPart } from './ask-for-part.ts'
import { ForwardedStreams, forwardTo, serviceDown } from './proxy.ts'
import type { SupervisedChild } from './supervised-child.ts'

/** Options of a front. */
export interface FrontOptions {
  readonly services: readonly Service[]
  readonly children: ReadonlyMap<string, SupervisedChild>
  readonly settings: HttpSettings
  readonly environment: Environment
}

/** A front, and how to close it. */
export interface Front {
  readonly endpoint: ListenEndpoint
  /** Ends the streams that it forwards, which would otherwise never end. */
  endStreams(): void
  /** Closes its connections to the processes. */
  close(): void
}

/** Creates the front of a system whose services run in processes of their own. */
export function createFront({ services, children, settings, environment }: FrontOptions): Front {
  const access = apiAccess(settings.access)
  const forwarded = new ForwardedStreams()
  const streams = new LiveStreams(environment)
  const agent = new Agent({ keepAlive: true, maxSockets: settings.connectionCountMax })
  const pages = servePages(settings.pages, children.keys())

  const [only] = children.size === 1 ? children.keys() : []
  const document = async ({ headers, connection }: Exchange): Promise<Answer> => {
    await principalOf(access, { service: only ?? '', kind: 'document', name: 'openapi', headers, connection })
    return answerJson(
      openApiOf(services, { prefix: only === undefined ? 'service' : 'none', securitySchemes: access.securitySchemes }),
    )
  }
  const bundle = (exchange: Exchange): Answer => {
    const askChild = askForPart((service) => children.get(service)?.url)
    const ask: AskForPart = async (part, request) =>
      children.has(part.service) ? askChild(part, request) : unknownPart(part)
    return streams.answer(new LiveBundle(exchange.query('of'), exchange.headers, ask, environment.timeouts))
  }
  const service = (name: string): ServiceRoutes<NodeConnection> | undefined => {
    const child = children.get(name)
    if (child === undefined) return undefined
    const forward = ({ connection }: Exchange<NodeConnection>): Answer | Promise<Answer> =>
      child.url === undefined
        ? answerProblem(serviceDown(name))
        : forwardTo(connection, child.url, name, agent, forwarded)
    return { command: forward, query: forward, live: forward, document: forward }
  }
  const routes: ApiRoutes<NodeConnection> = {
    only: only === undefined ? undefined : service(only),
    service,
    document,
    bundle,
  }
  const route = (exchange: Exchange<NodeConnection>) => routeRequest(routes, exchange)
  return {
    endpoint: createEndpoint<NodeConnection>({
      policy: access.policy,
      environment,
      route: pages === undefined ? route : async (exchange) => (await pages(exchange)) ?? route(exchange),
    }),
    endStreams: () => {
      forwarded.end()
      streams.close()
    },
    close: () => agent.destroy(),
  }
}
