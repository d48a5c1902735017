// The front of a system in processes: one origin that forwards each request to the process of its service.

import { Agent } from 'node:http'
import {
  Admission,
  type AdmittedPart,
  type Answer,
  type ApiRoutes,
  addressOf,
  answerBundle,
  answerDocument,
  answerProblem,
  apiAccess,
  authorizeLimits,
  type BundleEvent,
  type BundleHost,
  bundleAccess,
  createEndpoint,
  type Exchange,
  type LiveSelection,
  LiveStreams,
  refusedPart,
  routeRequest,
  type ServiceRoutes,
  StreamPlaces,
  unknownPart,
} from '@tidings/http/host'
import type { Service } from 'tidings'
import type { Environment } from 'tidings/ports'
import { servePages } from '../pages/serve-pages.ts'
import type { HttpSettings } from '../server/http-settings.ts'
import type { ListenEndpoint } from '../server/listen.ts'
import type { NodeConnection } from '../server/node-connection.ts'
import { ForwardedStreams, forwardTo, serviceDown } from './proxy.ts'
import { readChildParts } from './read-child-parts.ts'
import type { ServiceProcesses } from './service-processes.ts'

/** Options of a front. */
export interface FrontOptions {
  readonly services: readonly Service[]
  readonly children: ReadonlyMap<string, ServiceProcesses>
  readonly settings: HttpSettings
  readonly environment: Environment
  /** How long a process may take to begin its answer, in milliseconds, after which the front gives up. */
  readonly answerTimeoutMs: (service: Service) => number
}

/** A front, and how to close it. */
export interface Front {
  readonly endpoint: ListenEndpoint
  /** Ends the bundles that a principal or a tenant reads; returns how many. */
  endLive(selection: LiveSelection): number
  /** Ends the streams that it forwards, which would otherwise never end. */
  endStreams(): void
  /** Closes its connections to the processes. */
  close(): void
}

/** Creates the front of a system whose services run in processes of their own. */
export function createFront({ services, children, settings, environment, answerTimeoutMs }: FrontOptions): Front {
  const access = apiAccess(settings.access)
  const forwarded = new ForwardedStreams()
  const streams = new LiveStreams(environment)
  const agent = new Agent({ keepAlive: true, maxSockets: settings.connectionCountMax })
  const admission = new Admission({ who: 'the front', waitMsMax: access.requestWaitMsMax, environment })
  const pages = servePages(settings.pages, children.keys())
  const timeouts = new Map(services.map((each) => [each.name, answerTimeoutMs(each)]))
  const timeoutOf = (name: string) => timeouts.get(name) ?? Number.POSITIVE_INFINITY

  const [only] = children.size === 1 ? children.keys() : []
  const places = new StreamPlaces(access.connectionCountPerAddressMax)
  const authorizeLimit = authorizeLimits(services, environment.timeouts)
  const document = (exchange: Exchange) => answerDocument(access, exchange, services, authorizeLimit(''))
  const bundle = (exchange: Exchange<NodeConnection>): Promise<Answer> => {
    const { connection } = exchange
    const address = addressOf(access, exchange)
    const host: BundleHost = {
      ...bundleAccess(access, exchange, environment, authorizeLimit),
      groupOf: ({ service }) => service,
      read: (parts, signal) => {
        const [{ service }] = parts as readonly [AdmittedPart]
        const child = children.get(service)
        if (child === undefined) return unknownParts(parts)
        return readChildParts({
          url: child.url,
          connection,
          address,
          parts,
          answerTimeoutMs: timeoutOf(service),
          signal,
        })
      },
    }
    return answerBundle({ exchange, host, streams, leave: places.take(address) })
  }
  const service = (name: string): ServiceRoutes<NodeConnection> | undefined => {
    const child = children.get(name)
    if (child === undefined) return undefined
    const forward = (exchange: Exchange<NodeConnection>, onEnd = () => {}): Answer | Promise<Answer> => {
      const address = addressOf(access, exchange)
      const target = child.url
      if (target !== undefined)
        return forwardTo(exchange.connection, {
          target,
          service: name,
          address,
          agent,
          streams: forwarded,
          answerTimeoutMs: timeoutOf(name),
          onEnd,
        })
      onEnd()
      return answerProblem(serviceDown(name))
    }
    const once = (exchange: Exchange<NodeConnection>) => forward(exchange)
    const admitted = (exchange: Exchange<NodeConnection>) => {
      const turn = admission.admit()
      return turn === undefined ? forward(exchange) : turn.then(() => forward(exchange))
    }
    const live = (exchange: Exchange<NodeConnection>) => forward(exchange, places.take(addressOf(access, exchange)))
    return { command: admitted, query: admitted, live, document: once }
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
    endLive: (selection) => streams.endOf(selection),
    endStreams: () => {
      forwarded.end()
      streams.close()
    },
    close: () => agent.destroy(),
  }
}

async function* unknownParts(parts: readonly AdmittedPart[]): AsyncGenerator<BundleEvent> {
  for (const part of parts) yield refusedPart(part.index, unknownPart(part))
}
