// The spans of a conversation, as an OpenTelemetry SDK receives them: one trace, each span under its cause.

import { type context, propagation, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CommandContract, defineCommand, defineEvent, defineService, type Schema } from '../index.ts'
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

// The W3C trace context, as the SDK of a host sets it up (https://www.w3.org/TR/trace-context/#traceparent-header).
const w3c = {
  inject: (from: ReturnType<typeof context.active>, carrier: Record<string, string>) => {
    const span = trace.getSpanContext(from)
    if (span !== undefined) carrier.traceparent = `00-${span.traceId}-${span.spanId}-0${span.traceFlags}`
  },
  extract: (into: ReturnType<typeof context.active>, carrier: Record<string, string>) => {
    const [, traceId, spanId, flags] = (carrier.traceparent ?? '').split('-')
    if (traceId === undefined || spanId === undefined) return into
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: Number(flags), isRemote: true })
  },
  fields: () => ['traceparent'],
}

beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
  propagation.setGlobalPropagator(w3c as never)
})
afterAll(() => {
  trace.disable()
  propagation.disable()
})

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
