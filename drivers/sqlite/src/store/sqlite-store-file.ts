// Opens or creates the file of a store for its writer, and opens the parts that work on that one connection.
// Invariant: nothing is written to a file that is not a store of the service. A file of an earlier layout is migrated before anything reads it.

import type { DatabaseSync } from 'node:sqlite'
import type { Environment, LongWork } from 'tidings/ports'
import type { WakeUps } from '../broker/sqlite-wake-ups.ts'
import { type Durability, openConnection } from '../database/sqlite-connection.ts'
import { createPrivate, type StoreFiles } from '../database/sqlite-files.ts'
import { createLayout, isEmpty, migrateLayout } from '../database/sqlite-layout.ts'
import { checkService, readIdentity } from '../database/sqlite-schema.ts'
import { openEventLogReader } from '../event-log/sqlite-event-log.ts'
import { openEventLogSearch } from '../event-log/sqlite-event-log-search.ts'
import { openEventLogTerms } from '../event-log/sqlite-event-log-terms.ts'
import { openOutbox } from '../event-log/sqlite-outbox.ts'
import type { Checkpointer } from '../wal-checkpoints/sqlite-wal-checkpointer.ts'
import { openCatalogue } from './sqlite-catalogue.ts'
import { openUnits } from './sqlite-commit.ts'
import { openStreams } from './sqlite-streams.ts'

/** What a store is opened with. */
export interface StoreSettings {
  readonly service: string
  readonly files: StoreFiles
  readonly durability: Durability
  readonly cacheBytes: number
  readonly checkpointPages: number
  readonly groupUnitsMax: number
  readonly sqlRowCountMax: number
  readonly environment: Environment
  readonly checkpointer: Checkpointer
  readonly wakeUps: WakeUps
  /** Runs what may block the thread for long, because it reads or writes a whole table or file. */
  readonly longWork: LongWork
  readonly closed: () => void
}

/** Opens or creates the file. Throws `CORRUPT_DATA`, `ENGINE_TOO_OLD` or an error of SQLite. */
export function openStoreFile(settings: StoreSettings) {
  const { service, files, durability, cacheBytes, checkpointPages, environment } = settings
  createPrivate(files.database)
  checkBeforeWriting(files.database)
  const database = openConnection(files.database, { durability, cacheBytes, checkpointPages, busyTimeoutMs: 100 })
  try {
    if (isEmpty(database)) createLayout(database, service, environment.ids)
    const identity = readIdentity(database, files.database)
    checkService(identity, service, files.database)
    migrateLayout(database)
    return { database, identity, ...openParts(settings, database) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opening a file for writing changes it, so if a file is not a store of Tidings, it must be refused first. */
function checkBeforeWriting(path: string): void {
  const database = openConnection(path, { durability: 'process-crash', readOnly: true, busyTimeoutMs: 100 })
  try {
    if (!isEmpty(database)) readIdentity(database, path)
  } finally {
    database.close()
  }
}

/** The parts that work on one connection. */
function openParts({ service, environment }: StoreSettings, database: DatabaseSync) {
  const catalogue = openCatalogue(database)
  const eventLog = openEventLogReader(database, service)
  const outbox = openOutbox(database, eventLog)
  const terms = openEventLogTerms(database)
  const streams = openStreams(database)
  const search = openEventLogSearch({ database, source: service, outbox, terms, timeouts: environment.timeouts })
  const units = openUnits({ database, catalogue, streams, outbox })
  return { catalogue, eventLog, outbox, terms, streams, search, units }
}
