// The driver on a Postgres that starts by itself. Invariant: the server runs for as long as an engine of this driver is open in some process.

import { checkIsText, checkObject } from 'tidings/errors'
import type { Driver, Engine, Environment } from 'tidings/ports'
import { localPostgres } from './local/local-postgres.ts'
import { postgresDriver } from './postgres-driver.ts'
import { backupHint, type PostgresDriverOptions } from './postgres-options.ts'

/** How the engine on a local Postgres works: as that of `postgresDriver`, with a folder in place of a URL. */
export interface LocalPostgresDriverOptions extends Omit<PostgresDriverOptions, 'url'> {
  /** The folder of the server, as `localPostgres` takes it. */
  readonly directory: string
}

/**
 * The engine on a Postgres that starts by itself, for development and for a system on one machine. If you move to a server of your own, replace it by
 * `postgresDriver({ url })`; nothing else changes.
 *
 * @example
 * ```ts
 * const driver = localPostgresDriver({ directory: '.tidings/postgres' })
 * ```
 */
export function localPostgresDriver(options: LocalPostgresDriverOptions): Driver {
  const hint = "Write `localPostgresDriver({ directory: '.tidings/postgres' })`."
  checkObject(options, { what: 'The options of localPostgresDriver', hint })
  const { directory, ...rest } = options
  checkIsText(directory, { what: '`directory` of localPostgresDriver', hint })
  return { name: 'postgres', backupHint, open: (environment) => open(directory, rest, environment) }
}

async function open(
  directory: string,
  options: Omit<PostgresDriverOptions, 'url'>,
  environment: Environment,
): Promise<Engine> {
  const server = await localPostgres({ directory })
  try {
    const engine = await postgresDriver({ ...options, url: server.url }).open(environment)
    return { ...engine, close: () => engine.close().finally(server.close) }
  } catch (error) {
    await server.close()
    throw error
  }
}
