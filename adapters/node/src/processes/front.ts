// The one origin of a whole system's HTTP API: hands each request on to the process of its service.

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
import { ProxiedStreams, proxyTo, serviceDown } from './proxy.ts'
import type { SupervisedChild } from './supervised-child.ts'

/** What a front is made with. */
export interface FrontOptions {
  readonly services: readonly Service[]
  readonly children: ReadonlyMap<string, SupervisedChild>
  readonly settings: HttpSettings
  readonly environment: Environment
}

/** The front and the way to let its connections go. */
export interface Front {
  readonly endpoint: ListenEndpoint
  /** Ends the streams that it hands on; they would otherwise be under way for ever. */
  endStreams(): void
  close(): void
}

/** The front of a system whose services run in processes of their own. */
export function createFront({ services, children, settings, environment }: FrontOptions): Front {
  const access = apiAccess(settings.access)
  const proxied = new ProxiedStreams()
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
  const handOn = (exchange: Exchange<NodeConnection>, name: string): Answer | Promise<Answer> => {
    const child = children.get(name)
    if (child === undefined) {
      throw new TidingsError('UNKNOWN_SERVICE', `There is no service ${JSON.stringify(name.slice(0, 120))} here.`, {
        details: { services: [...children.keys()] },
      })
    }
    if (child.url === undefined) return answerProblem(serviceDown(name))
    return proxyTo(exchange.connection, child.url, name, agent, proxied)
  }
  const route = (exchange: Exchange<NodeConnection>): Answer | Promise<Answer> => {
    const { path, method, readMethod } = exchange
    if (path === '/openapi.json') return readMethod === 'GET' ? document(exchange) : onlyMethod('GET')
    if (path === '/live') return method === 'GET' ? bundle(exchange) : onlyMethod('GET')
    const [, service = ''] = path.split('/')
    return service === '' ? notFound(exchange) : handOn(exchange, decodePart(service))
  }
  return {
    endpoint: createEndpoint<NodeConnection>({
      policy: access.policy,
      environment,
      route: pages === undefined ? route : async (exchange) => (await pages(exchange)) ?? route(exchange),
    }),
    endStreams: () => {
      proxied.end()
      streams.close()
    },
    close: () => agent.destroy(),
  }
}
