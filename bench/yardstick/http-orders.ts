// The publishing service by hand behind Hono: it validates the body, commits the event, and answers with the command's id. Hono is not a
// dependency of the repository: it is loaded from ../peers at run time.

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ZodError } from 'zod'
import { peersFolder } from '../peers/install-peers.ts'
import type { Place } from '../work.ts'
import { openPublisher } from './publisher.ts'

interface HonoContext {
  readonly req: { json(): Promise<unknown> }
  json(body: unknown, status?: number): Response
}

interface HonoModule {
  readonly Hono: new () => {
    post(path: string, handle: (context: HonoContext) => Promise<Response>): unknown
    readonly fetch: (request: Request) => Promise<Response> | Response
  }
}

interface HonoServerModule {
  serve(options: { readonly fetch: unknown; readonly port: number; readonly hostname: string }): Server
}

const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(path.join(peersFolder, 'node_modules', ...name.split('/'))).href)

const route = '/orders/commands/place-order'

/** Opens the service and its server. */
export async function openHttpOrders(place: Place) {
  const { Hono } = (await load('hono/dist/index.js')) as HonoModule
  const { serve } = (await load('@hono/node-server/dist/index.mjs')) as HonoServerModule
  const publisher = openPublisher(place, () => undefined)
  const app = new Hono()
  app.post(route, async (context) => {
    try {
      return context.json({ commandId: await publisher.placeOrder(await context.req.json()) })
    } catch (error) {
      if (error instanceof ZodError) return context.json({ issues: error.issues }, 422)
      throw error
    }
  })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  if (!server.listening) await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: route,
    close: () => {
      server.close()
      publisher.close()
    },
  }
}
