// The front of a system in processes: one origin that forwards each request to the process of its service.

import { Agent } from 'node:http'
import { openApiOf } from '@tidings/http'
import {
  type Answer,
  answerJson,
  answerProblem,
  apiAccess,
  createEndpoint,
  decodePart,
  type Exchange,
  LiveBundle,
  LiveStreams,
  notFound,
  onlyMethod,
  principalOf,
} from '@tidings/http/host'
import { type Service, TidingsError } from 'tidings'
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

  const document = async ({ headers, connection }: Exchange): Promise<Answer> => {
    await principalOf(access, { service: '', kind: 'document', name: 'openapi', headers, connection })
    return answerJson(openApiOf(services, { prefix: 'service' }))
  }
  const bundle = (exchange: Exchange): Answer => {
    const ask = askForPart((service) => children.get(service)?.url)
    return streams.answer(new LiveBundle(exchange.query('of'), exchange.headers, ask, environment.timeouts))
  }
  const forward = (exchange: Exchange<NodeConnection>, name: string): Answer | Promise<Answer> => {
    const child = children.get(name)
    if (child === undefined) {
      throw new TidingsError('UNKNOWN_SERVICE', `There is no service ${JSON.stringify(name.slice(0, 120))} here.`, {
        details: { services: [...children.keys()] },
      })
    }
    if (child.url === undefined) return answerProblem(serviceDown(name))
    return forwardTo(exchange.connection, child.url, name, agent, forwarded)
  }
  const route = (exchange: Exchange<NodeConnection>): Answer | Promise<Answer> => {
    const { path, method, readMethod } = exchange
    if (path === '/openapi.json') return readMethod === 'GET' ? document(exchange) : onlyMethod('GET')
    if (path === '/live') return method === 'GET' ? bundle(exchange) : onlyMethod('GET')
    const [, service = ''] = path.split('/')
    return service === '' ? notFound(exchange) : forward(exchange, decodePart(service))
  }
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
