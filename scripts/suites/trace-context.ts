// The service that the public W3C trace-context suite (github.com/w3c/trace-context) calls: each request is a command of a system, which
// calls back in effects. `npx node scripts/suites/trace-context.ts [--spans]` prints its URL; with `--spans` a tracer of OpenTelemetry's API
// makes a span for each piece of work, as an SDK would. Listens on loopback until its standard input ends.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createHttpApi } from '@tidings/http'
import { nodeEnvironment } from '@tidings/node'
import { defineCommand, defineEffect, defineService } from 'tidings'
import type { TraceContext } from 'tidings/contracts'
import { memoryDriver } from 'tidings/memory'
import type { Tracing } from 'tidings/ports'
import { createSystem } from 'tidings/runtime'
import { z } from 'zod'

const calls = z.array(z.object({ url: z.string(), arguments: z.unknown() }))
const CallBack = defineCommand('call-back', { expose: true, input: z.object({ calls }) })
const Call = defineEffect('call', { input: z.object({ url: z.string(), body: z.string() }), key: ({ url }) => url })

const harness = defineService('harness')
const service = harness.with({
  callBack: harness.command(CallBack, { requests: [Call] }, (input, { request }) => {
    for (const call of input.calls) request(Call, { url: call.url, body: JSON.stringify(call.arguments) })
  }),
  call: harness.effect(Call, {
    perform: async ({ url, body }, { traceHeaders }) => {
      await fetch(url, { method: 'POST', headers: { ...traceHeaders, 'content-type': 'application/json' }, body })
    },
  }),
})

/** A tracer that makes ids and does nothing else. */
const spans: Tracing = {
  start: (_name, { traceparent, tracestate }: TraceContext) => {
    const id = (bytes: number) => randomBytes(bytes).toString('hex')
    const [, traceId, , flags] = traceparent?.split('-') ?? []
    return {
      traceparent: `00-${traceId ?? id(16)}-${id(8)}-${flags ?? '01'}`,
      tracestate,
      run: (work) => work(),
      end: () => {},
    }
  },
}

const environment = nodeEnvironment({
  log: { level: 'silent' },
  ...(process.argv.includes('--spans') ? { tracing: spans } : {}),
})
const system = await createSystem({ services: [service], driver: memoryDriver(), environment })

const { fetch: callApi } = createHttpApi({ services: [...system.services.values()], environment })

const server = createServer((incoming, response) => {
  const answer = async () => {
    const headers = new Headers()
    for (const [name, values] of Object.entries(incoming.headersDistinct))
      for (const value of values ?? []) if (name.startsWith('trace')) headers.append(name, value)
    headers.set('content-type', 'application/json')
    const body = JSON.stringify({ calls: (await json(incoming)) as unknown })
    const { status } = await callApi(
      new Request('http://localhost/commands/call-back', { method: 'POST', headers, body }),
    )
    await system.settled({ timeoutMs: 5_000 })
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }
  answer().catch((error: unknown) => response.writeHead(500).end(String(error)))
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/test\n`)
})
process.stdin.resume().once('end', () => {
  server.close()
  server.closeAllConnections()
  void system.close()
})
