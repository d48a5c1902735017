// The spans of a conversation, as an OpenTelemetry SDK receives them: one trace, each span under its cause.

import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, createTraceState, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type CommandContract,
  defineCommand,
  defineEffect,
  defineEvent,
  defineQuery,
  defineService,
  type Schema,
  timer,
} from '../index.ts'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  memoryDriver,
} from '../memory/index.ts'
import { createSystem } from '../runtime/index.ts'
import { openTelemetryTracing } from './index.ts'

const exporter = new InMemorySpanExporter()
const anything: Schema<{ id: string }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { id: string } }) },
}
const Asked = defineEvent('test.asked', { owner: 'asker', pattern: 'notification' })
  .version(1, anything)
  .key(({ id }) => id)
const Ask: CommandContract = defineCommand('ask', { input: anything })

// The W3C trace context and the context manager, as the SDK of a host sets them up (https://www.w3.org/TR/trace-context/).
const w3c = {
  inject: (from: Context, carrier: Record<string, string>) => {
    const span = trace.getSpanContext(from)
    if (span === undefined) return
    carrier.traceparent = `00-${span.traceId}-${span.spanId}-0${span.traceFlags}`
    if (span.traceState !== undefined) carrier.tracestate = span.traceState.serialize()
  },
  extract: (into: Context, carrier: Record<string, string>) => {
    const [, traceId, spanId, flags] = (carrier.traceparent ?? '').split('-')
    if (traceId === undefined || spanId === undefined) return into
    const { tracestate } = carrier
    const state = tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: Number(flags), isRemote: true, ...state })
  },
  fields: () => ['traceparent', 'tracestate'],
}
const current = new AsyncLocalStorage<Context>()
const manager = {
  active: () => current.getStore() ?? ROOT_CONTEXT,
  with: (given: Context, run: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) =>
    current.run(given, () => run.apply(self, args)),
  bind: <T>(_given: Context, target: T) => target,
  enable: () => manager,
  disable: () => manager,
}

beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  propagation.setGlobalPropagator(w3c as never)
  context.setGlobalContextManager(manager as never)
})
afterAll(() => {
  trace.disable()
  propagation.disable()
  context.disable()
})
beforeEach(() => exporter.reset())

test('a command, the event that it publishes and the handlers of the event are one trace', async () => {
  const asker = defineService('asker', { publishes: [Asked] })
  const answerer = defineService('answerer')
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const system = await createSystem({
    services: [
      asker.with({
        ask: asker.command(Ask, { publishes: [Asked] }, (input, { publish }) => {
          publish(Asked, input as { id: string })
        }),
      }),
      answerer.with({
        answer: answerer.on(Asked, () => {
          throw new TypeError('this may contain personal data')
        }),
      }),
    ],
    driver: memoryDriver(),
    environment: {
      clock,
      timeouts,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      log: () => {},
      tracing: openTelemetryTracing(),
    },
  })
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await timeouts.runUntil(system.service('asker').command('ask', { id: 'one' }, { traceparent: parent }))
  await timeouts.runUntil(system.settled({ timeoutMs: 600_000 }))
  await timeouts.runUntil(system.close())

  const spans = exporter.getFinishedSpans()
  const [command, ...handled] = [...spans].sort((a, b) => (a.name < b.name ? -1 : 1))
  expect(command?.name).toBe('command ask')
  expect(command?.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
  // Six attempts, then the event is parked.
  expect(handled.map(({ name }) => name)).toEqual(Array.from({ length: 6 }, () => 'handle test.asked'))
  for (const span of handled) {
    expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(span.parentSpanContext?.spanId).toBe(command?.spanContext().spanId)
    expect(span.attributes).toMatchObject({ 'tidings.service': 'answerer', 'tidings.handler': 'answer' })
    expect(JSON.stringify([span.status, span.events, span.attributes])).not.toContain('personal data')
  }
  expect(handled.map((span) => span.attributes['tidings.attempt']).sort()).toEqual([1, 2, 3, 4, 5, 6])
})

const Knows = defineQuery('knows', { owner: 'asker', input: anything, output: anything })
const Tell = defineEffect('tell', { input: anything, key: ({ id }) => id })

/** A span of the user's own, begun after the function has waited. */
async function own(name: string): Promise<void> {
  await Promise.resolve()
  trace.getTracer('user').startSpan(name, {}, context.active()).end()
}

test('spans of user code are children of the span that it runs in, and the trace state is carried everywhere', async () => {
  const asker = defineService('asker', { publishes: [Asked], timers: { late: timer(anything) } })
  const answerer = defineService('answerer')
  const headers: unknown[] = []
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock)
  const system = await createSystem({
    services: [
      asker.with({
        ask: asker.command(
          Ask,
          { publishes: [Asked], requests: [Tell] },
          async (input, { publish, timers, request }) => {
            await own('in the command')
            publish(Asked, input as { id: string })
            timers.late.after('one', { seconds: 0 }, input as { id: string })
            request(Tell, input as { id: string })
          },
        ),
        knows: asker.query(Knows, async (input) => {
          await own('in the query')
          return input
        }),
        late: asker.due('late', {}, () => own('in the timer')),
        tell: asker.effect(Tell, {
          perform: async (_input, { traceHeaders }) => {
            headers.push(traceHeaders)
            await own('in the effect')
          },
          outcome: () => own('in the outcome'),
        }),
      }),
      answerer.with({
        answer: answerer.on(Asked, { lookups: [Knows] }, async (input, { lookup }) => {
          await own('in the handler')
          await lookup(Knows, input)
        }),
      }),
    ],
    driver: memoryDriver(),
    environment: {
      clock,
      timeouts,
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      log: () => {},
      tracing: openTelemetryTracing(),
    },
  })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const command = system.service('asker').command('ask', { id: 'one' }, { traceparent, tracestate: 'rojo=1,congo=2' })
  await timeouts.runUntil(command)
  await timeouts.runUntil(system.settled({ timeoutMs: 600_000 }))
  await timeouts.runUntil(system.close())

  const spans = exporter.getFinishedSpans()
  const named = (name: string) => spans.find((span) => span.name === name)
  const parentOf = (name: string) =>
    spans.find((span) => span.spanContext().spanId === named(name)?.parentSpanContext?.spanId)?.name
  expect(parentOf('in the command')).toBe('command ask')
  expect(parentOf('in the handler')).toBe('handle test.asked')
  expect(parentOf('lookup asker/knows')).toBe('handle test.asked')
  expect(parentOf('query knows')).toBe('lookup asker/knows')
  expect(parentOf('in the query')).toBe('query knows')
  expect(parentOf('in the timer')).toBe('timer late')
  expect(parentOf('in the effect')).toBe('effect tell')
  expect(parentOf('in the outcome')).toBe('effect tell')
  for (const span of spans) {
    expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(span.spanContext().traceState?.serialize(), span.name).toBe('rojo=1,congo=2')
  }
  const effect = named('effect tell')?.spanContext().spanId
  expect(headers).toEqual([
    { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${effect}-01`, tracestate: 'rojo=1,congo=2' },
  ])
})

test('a command within a span of the host is a child of that span, not of the span that the caller sent', async () => {
  const asker = defineService('asker')
  const system = await createSystem({
    services: [asker.with({ ask: asker.command(Ask, {}, () => {}) })],
    driver: memoryDriver(),
    environment: {
      clock: createManualClock(),
      timeouts: createManualTimeouts(createManualClock()),
      ids: createSequentialIds(),
      random: createSeededRandom(1),
      log: () => {},
      tracing: openTelemetryTracing(),
    },
  })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const from = propagation.extract(ROOT_CONTEXT, { traceparent })
  const server = trace.getTracer('host').startSpan('POST /commands/ask', {}, from)
  await context.with(trace.setSpan(from, server), () =>
    system.service('asker').command('ask', { id: 'one' }, { traceparent }),
  )
  await system.close()
  const [command] = exporter.getFinishedSpans()
  expect(command?.parentSpanContext?.spanId).toBe(server.spanContext().spanId)
})
