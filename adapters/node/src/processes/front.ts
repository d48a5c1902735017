// The one origin of all of a system's doors: hands each request on to the process of its service.

import { Agent } from 'node:http'
import { type Service, TidingsError } from 'tidings'
import type { Host } from 'tidings/runtime'
import type { DoorSettings } from '../doors/door-settings.ts'
import { LiveBundles } from '../doors/live-bundle.ts'
import { openApiOf } from '../doors/openapi.ts'
import { answerJson, answerProblem, type Edge } from '../http/answer.ts'
import { createEdge, onlyMethod } from '../http/edge.ts'
import { servePages } from '../pages/serve-pages.ts'
import { ProxiedStreams, proxyTo, serviceDown } from './proxy.ts'
import type { SupervisedChild } from './supervised-child.ts'

/** What a front is made with. */
export interface FrontOptions {
  readonly services: readonly Service[]
  readonly children: ReadonlyMap<string, SupervisedChild>
  readonly settings: DoorSettings
  readonly host: Host
}

/** The front and the way to let its connections go. */
export interface Front {
  readonly app: Edge
  /** Ends the streams that it hands on; they would otherwise be under way for ever. */
  endStreams(): void
  close(): void
}

/** The front of a system whose services run in processes of their own. */
export function createFront({ services, children, settings, host }: FrontOptions): Front {
  const app = createEdge({ policy: settings.policy, host })
  app.use(servePages(settings.pages, children.keys()))
  const streams = new ProxiedStreams()
  const bundles = new LiveBundles()
  const agent = new Agent({ keepAlive: true, maxSockets: settings.connectionCountMax })
  app.get('/openapi.json', async (exchange) => {
    const who = await settings.authorize({
      service: '',
      kind: 'document',
      name: 'openapi',
      headers: exchange.req.raw.headers,
    })
    if (who === undefined) throw new TidingsError('UNAUTHENTICATED', 'The door does not know who is asking.')
    return answerJson(exchange, openApiOf(services, { prefix: 'service' }))
  })
  app.all('/openapi.json', onlyMethod('GET'))
  app.get('/live', (exchange) => bundles.serve(exchange, (service) => children.get(service)?.doors))
  app.all('/live', onlyMethod('GET'))
  app.all('/:service/*', async (exchange) => {
    const name = exchange.req.param('service')
    const child = children.get(name)
    if (child === undefined) {
      throw new TidingsError('UNKNOWN_SERVICE', `No service ${JSON.stringify(name.slice(0, 120))} has a door here.`, {
        details: { services: [...children.keys()] },
      })
    }
    if (child.doors === undefined) return answerProblem(exchange, serviceDown(name))
    return proxyTo(exchange, child.doors, name, agent, streams)
  })
  return {
    app,
    endStreams: () => {
      streams.end()
      bundles.end()
    },
    close: () => agent.destroy(),
  }
}
