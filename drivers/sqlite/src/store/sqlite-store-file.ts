// Opens the file of a store for its writer, or makes it, and the parts that work on its one connection.
// Invariant: nothing is written to a file that is not a store of the service.

import type { DatabaseSync } from 'node:sqlite'
import type { DriverEnvironment } from 'tidings/ports'
import { openCatalogue } from './sqlite-catalogue.ts'
import type { Checkpointer } from '../wal-checkpoints/sqlite-checkpointer.ts'
import { openUnits } from './sqlite-commit.ts'
import { type Durability, openConnection } from '../database/sqlite-connection.ts'
import { createPrivate, type StoreFiles } from '../database/sqlite-files.ts'
import { openLog } from '../event-log/sqlite-event-log.ts'
import { openLogSearch } from '../event-log/sqlite-event-log-search.ts'
import { openLogTerms } from '../event-log/sqlite-event-log-terms.ts'
import { checkService, createLayout, isEmpty, readIdentity } from '../database/sqlite-schema.ts'
import { openStreams } from './sqlite-streams.ts'
import type { WakeHub } from '../broker/sqlite-wake-ups.ts'

/** What a store is opened with. */
export interface StoreSettings {
  readonly service: string
  readonly files: StoreFiles
  readonly durability: Durability
  readonly cacheBytes: number
  readonly checkpointPages: number
  readonly groupUnitsMax: number
  readonly sqlRowCountMax: number
  readonly environment: DriverEnvironment
  readonly checkpointer: Checkpointer
  readonly hub: WakeHub
  readonly closed: () => void
}

/** Opens or makes the file; throws `CORRUPT_DATA`, `ENGINE_TOO_OLD` or what SQLite raises. */
export function openStoreFile(settings: StoreSettings) {
  const { service, files, durability, cacheBytes, checkpointPages, environment } = settings
  createPrivate(files.database)
  checkBeforeWriting(files.database)
  const database = openConnection(files.database, { durability, cacheBytes, checkpointPages, busyTimeoutMs: 100 })
  try {
    if (isEmpty(database)) createLayout(database, service, environment.ids)
    const identity = readIdentity(database, files.database)
    checkService(identity, service, files.database)
    return { database, identity, ...openParts(settings, database) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opening for writing changes a file; one that is not Tidings' must stay as it is. */
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
  const log = openLog(database, service)
  const terms = openLogTerms(database)
  const streams = openStreams(database)
  const search = openLogSearch({ database, source: service, log, terms, scheduler: environment.scheduler })
  const units = openUnits({ database, catalogue, streams, log })
  return { catalogue, log, terms, streams, search, units }
}
