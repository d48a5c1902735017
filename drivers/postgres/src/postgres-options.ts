// The options of the driver, with their defaults.

import type { LogSink } from 'tidings/ports'

/** What a commit survives. */
export type Durability = 'power-loss' | 'process-crash'

/** How the engine on Postgres works. */
export interface PostgresDriverOptions {
  /** The database: `postgres://user:password@host:5432/database`. Or a function that gives the URL for a service, so that each service has a role of its own. */
  readonly url: string | ((service: string) => string)
  /** How the schemas of the services begin; the name of the service follows. Default: `tidings_`. */
  readonly schemaPrefix?: string
  /**
   * What a commit survives: `power-loss` waits until it is on the disk of the server (`synchronous_commit`); `process-crash` does not wait, and a server that
   * stops may take back the last commits, whole ones only. Default: `power-loss`.
   */
  readonly durability?: Durability
  /** The most units of work that share one statement; at most 1,024. Default: 256. */
  readonly groupUnitsMax?: number
  /** The most characters of documents and data in one statement, save for a unit of work that has more. Default: 4,194,304. */
  readonly groupBytesMax?: number
  /** The most rows that one SQL statement returns. Default: 10,000. */
  readonly sqlRowCountMax?: number
  /** The longest that one SQL statement of the application runs, in milliseconds. Default: 10,000. */
  readonly sqlTimeoutMs?: number
  /** The longest that the server works on any other statement, in milliseconds; a new index over a large table counts, too. Default: 60,000. */
  readonly statementTimeoutMs?: number
  /** The longest that connecting may take, in milliseconds. Default: 5,000. */
  readonly connectTimeoutMs?: number
  /** The most connections of one process to one URL; one more listens for wake-ups. At least 2. Default: 10. */
  readonly connectionsMax?: number
  /** After how long a connection that nobody needs is closed, in milliseconds; two stay open. Default: 30,000. */
  readonly connectionIdleMs?: number
  /**
   * How long to find out whether a commit has happened whose answer was lost with its connection, in milliseconds. After that the commit rejects with
   * `STORE_UNAVAILABLE`, and its outcome is unknown. Default: 10,000.
   */
  readonly lostAnswerMs?: number
  /**
   * Whether a pooler that lends connections for one transaction at a time, such as pgbouncer, stands between. Then connections have no settings of their own, so
   * the server does not limit the time of statements, and nothing listens for wake-ups: what others publish is noticed within a second. Default: false.
   */
  readonly transactionPooling?: boolean
  /** Whether statements are prepared under a name. Turn it off for pgbouncer before 1.21. Default: true. */
  readonly preparedStatements?: boolean
  /** Receives warnings, such as a server that does not flush to its disk. Default: none. */
  readonly log?: LogSink
}

/** The options with their defaults. */
export type PostgresSettings = Required<PostgresDriverOptions>

/** Completes the options. */
export function withDefaults(options: PostgresDriverOptions): PostgresSettings {
  return {
    schemaPrefix: 'tidings_',
    durability: 'power-loss',
    groupUnitsMax: 256,
    groupBytesMax: 4 * 1024 * 1024,
    sqlRowCountMax: 10_000,
    sqlTimeoutMs: 10_000,
    statementTimeoutMs: 60_000,
    connectTimeoutMs: 5_000,
    connectionsMax: 10,
    connectionIdleMs: 30_000,
    lostAnswerMs: 10_000,
    transactionPooling: false,
    preparedStatements: true,
    log: () => undefined,
    ...options,
  }
}

/** How stores on Postgres are backed up. */
export const backupHint =
  'Use what Postgres has: `pg_dump` for the schemas of the services, or archived WAL (PITR). End all instances of a service before you restore its schema.'
