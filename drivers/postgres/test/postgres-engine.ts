// What the tests of the Postgres driver run on: this process's clock and event loop, and schemas that are dropped afterwards.

import { randomUUID } from 'node:crypto'
import type { Engine, Environment, EventLogPage, Store } from 'tidings/ports'
import { onTestFinished } from 'vitest'
import { type PostgresDriverOptions, postgresDriver } from '../src/index.ts'
import { dropSchemas, newPrefix, testUrl } from './postgres-under-test.ts'
import { event, publish } from './postgres-units.ts'

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

/** A beginning of schemas that are dropped when the test has finished. */
export function temporaryPrefix(url = testUrl()): string {
  const prefix = newPrefix()
  onTestFinished(() => dropSchemas(prefix, url))
  return prefix
}

/** An engine, closed when the test has finished. */
export async function openEngine(
  options: Partial<PostgresDriverOptions> = {},
  environment: Environment = realEnvironment,
): Promise<Engine> {
  const schemaPrefix = options.schemaPrefix ?? temporaryPrefix()
  const engine = await postgresDriver({ url: testUrl(), ...options, schemaPrefix }).open(environment)
  onTestFinished(() => engine.close())
  return engine
}

/** Publishes events with these ids. */
export async function publishIds(store: Store, ids: readonly string[], type = 'test.happened'): Promise<void> {
  await store.commit(publish(...ids.map((id) => event(id, { source: store.service, type, key: `key-${id}` }))))
}

/** The ids of a page. */
export const idsOf = ({ events }: EventLogPage): readonly string[] => events.map(({ id }) => id)
