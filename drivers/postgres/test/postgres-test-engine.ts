// Engines for tests: over schemas of their own in the database of the tests, closed and dropped when the test has finished.

import { randomUUID } from 'node:crypto'
import type { Engine, Environment, EventLogPage, Store } from 'tidings/ports'
import { onTestFinished } from 'vitest'
import { type PostgresDriverOptions, postgresDriver } from '../src/index.ts'
import { dropSchemas, newPrefix, testUrl } from './postgres-under-test.ts'

/** This process's clock, ids and event loop. */
export const realEnvironment: Environment = {
  clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
  ids: { next: () => randomUUID() },
  random: { next: () => Math.random() },
  log: () => {},
  timeouts: {
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs).unref()
      return () => clearTimeout(timer)
    },
    soon: (run) => void setImmediate(run),
  },
}

/** A beginning of schemas whose schemas are dropped when the test has finished. */
export async function testPrefix(): Promise<string> {
  const prefix = newPrefix()
  onTestFinished(() => dropSchemas(prefix))
  return prefix
}

/** An engine, closed when the test has finished. */
export async function openEngine(
  options: Partial<PostgresDriverOptions> & { schemaPrefix: string },
  environment: Environment = realEnvironment,
): Promise<Engine> {
  const engine = await postgresDriver({ url: await testUrl(), durability: 'process-crash', ...options }).open(
    environment,
  )
  onTestFinished(() => engine.close())
  return engine
}

/** Publishes events with these ids. */
export async function publishIds(store: Store, ids: readonly string[], type = 'test.happened'): Promise<void> {
  const events = ids.map((id) => ({
    id,
    source: store.service,
    type,
    version: 1,
    readableFrom: 1,
    key: `key-${id}`,
    data: JSON.stringify({ id }),
    downcasts: null,
    entityVersion: null,
    occurredAt: 0,
    recordedAt: 0,
    correlationId: id,
    causationId: id,
    causedBy: 'command/test',
    principal: null,
    tenant: null,
    traceparent: null,
    tracestate: null,
  }))
  await store.commit({ checks: [], rows: [], appends: [], events })
}

/** The ids of a page. */
export const idsOf = ({ events }: EventLogPage): readonly string[] => events.map(({ id }) => id)
