// The driver: one database, a schema for each service, any number of instances that write it.

import { TidingsError } from 'tidings'
import { checkObject } from 'tidings/errors'
import type { Driver, Engine, Environment, Store } from 'tidings/ports'
import { openBroker } from './broker/postgres-broker.ts'
import { WakeUps } from './broker/postgres-wake-ups.ts'
import { createConnections, type PostgresConnections } from './database/postgres-connections.ts'
import { guarded } from './database/postgres-errors.ts'
import { queryOf } from './database/postgres-query.ts'
import { commentStart, placeOf } from './database/postgres-schema.ts'
import {
  backupHint,
  type Durability,
  type PostgresDriverOptions,
  type PostgresSettings,
  withDefaults,
} from './postgres-options.ts'
import { postgresSetup } from './rights/postgres-setup.ts'
import { renameStore } from './store/postgres-rename-store.ts'
import { openStore } from './store/postgres-store.ts'

const durabilities: Readonly<Record<Durability, string>> = {
  'power-loss': 'power-loss: every commit is on the disk of the server before it is acknowledged (synchronous_commit)',
  'process-crash':
    'process-crash: a server that stops may take back the last commits, whole ones only (synchronous_commit=off)',
}

/** The channel of wake-ups. */
const channel = 'tidings_wake_ups'

/**
 * The engine on Postgres, version 15 or newer: store and broker in one database, a schema for each service, for as many instances of a service as you like.
 *
 * @example
 * ```ts
 * const driver = postgresDriver({ url: 'postgres://localhost/shop' })
 * ```
 */
export function postgresDriver(options: PostgresDriverOptions): Driver {
  checkObject(options, {
    what: 'The options of postgresDriver',
    hint: "Write `postgresDriver({ url: 'postgres://localhost/shop' })`.",
  })
  const settings = withDefaults(options)
  return {
    name: 'postgres',
    backupHint,
    setup: postgresSetup(settings.schemaPrefix),
    open: (environment) => openEngine(settings, environment),
  }
}

function checkSettings({ url, durability, connectionsMax }: PostgresSettings): void {
  const wrong = (message: string) => new TidingsError('CONFIG_INVALID', message)
  if (typeof url !== 'string' && typeof url !== 'function')
    throw wrong('`url` of postgresDriver is a text or a function.')
  if (durabilities[durability] === undefined)
    throw wrong(`durability is 'power-loss' or 'process-crash', not ${JSON.stringify(durability)}.`)
  if (!(connectionsMax >= 2)) throw wrong(`connectionsMax is at least 2, not ${connectionsMax}.`)
}

/** The connections of an engine: those of services with the same URL are shared. */
class ConnectionsByUrl {
  readonly #settings: PostgresSettings
  readonly #environment: Environment
  readonly #byUrl = new Map<string, PostgresConnections>()

  constructor(settings: PostgresSettings, environment: Environment) {
    this.#settings = settings
    this.#environment = environment
  }

  /** Those of a service; those of any service if none is named. */
  of(service: string | undefined): PostgresConnections {
    const { url: given, transactionPooling, connectionIdleMs } = this.#settings
    const any = service === undefined ? this.#byUrl.values().next().value : undefined
    if (any !== undefined) return any
    const url = typeof given === 'string' ? given : given(service ?? '')
    const known = this.#byUrl.get(url)
    if (known !== undefined) return known
    const environment = this.#environment
    const connections = createConnections({
      ...this.#settings,
      url,
      environment,
      idleMs: connectionIdleMs,
      hasSettings: !transactionPooling,
    })
    this.#byUrl.set(url, connections)
    return connections
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byUrl.values()].map((connections) => connections.close()))
  }
}

function openEngine(settings: PostgresSettings, environment: Environment): Engine {
  checkSettings(settings)
  const { clock, timeouts, random, ids } = environment
  const { schemaPrefix } = settings
  const connections = new ConnectionsByUrl(settings, environment)
  const stores = new Map<string, Promise<Store>>()
  const wakeUps = new WakeUps({
    timeouts,
    random,
    sender: ids.next(),
    notify: (payload) => connections.of(undefined).query('SELECT pg_notify($1, $2)', [channel, payload]),
    ...(settings.transactionPooling
      ? {}
      : { listen: (heard, ended) => connections.of(undefined).listen(channel, heard, ended) }),
  })
  const broker = openBroker({
    schemaPrefix,
    clock,
    wakeUps,
    hasRoles: typeof settings.url === 'function',
    queryAs: (service) => queryOf(connections.of(service), 'read an event log'),
  })
  let closing: Promise<void> | undefined

  async function end(): Promise<void> {
    await broker.close()
    for (const store of await Promise.allSettled(stores.values()))
      if (store.status === 'fulfilled') await store.value.close()
    await connections.close()
  }

  function refuseOpen(service: string): void {
    if (closing !== undefined) throw new TidingsError('CLOSED', 'The engine was closed.')
    if (!stores.has(service)) return
    throw new TidingsError('STORE_LOCKED', `The store of ${service} is open already in this engine.`, {
      details: { service },
    })
  }

  async function open(service: string): Promise<Store> {
    const own = connections.of(service)
    try {
      return await openStore({
        place: placeOf(schemaPrefix, service),
        settings,
        environment,
        connections: own,
        published: () => wakeUps.published(service),
        closed: () => stores.delete(service),
      })
    } catch (error) {
      stores.delete(service)
      throw error
    }
  }

  return {
    durability: durabilities[settings.durability],
    broker,
    openStore: async (service) => {
      refuseOpen(service)
      const opening = open(service)
      stores.set(service, opening)
      return opening
    },
    renameStore: async (was, service) => {
      for (const name of [was, service]) refuseOpen(name)
      await renameStore(connections.of(service), placeOf(schemaPrefix, was), placeOf(schemaPrefix, service))
    },
    storedServices: () =>
      guarded('list the stores', async () => {
        const { rows } = await connections
          .of(undefined)
          .query(
            "SELECT substr(obj_description(oid, 'pg_namespace'), $2::int) FROM pg_namespace WHERE starts_with(nspname, $1) AND obj_description(oid, 'pg_namespace') IS NOT NULL",
            [schemaPrefix, commentStart.length + 1],
          )
        return rows.map(([service]) => service as string).sort()
      }),
    close: () => {
      closing ??= end()
      return closing
    },
  }
}
