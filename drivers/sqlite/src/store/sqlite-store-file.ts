// Opens or creates the file of a store for its writer, and opens the parts that work on that one connection.
// Invariant: nothing is written to a file that is not a store of the service. A file of an earlier layout is migrated before anything reads it.

import { statSync, truncateSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { isTidingsError } from 'tidings'
import type { Environment, LongWork } from 'tidings/ports'
import type { WakeUps } from '../broker/sqlite-wake-ups.ts'
import { beginLog, type Durability, openConnection } from '../database/sqlite-connection.ts'
import { createPrivate, type StoreFiles } from '../database/sqlite-files.ts'
import { createLayout, isEmpty, layoutOf, migrateLayout } from '../database/sqlite-layout.ts'
import { emptyDatabase, isLostPage } from '../database/sqlite-new-file.ts'
import { checkService, readIdentity, type StoreIdentity } from '../database/sqlite-schema.ts'
import { readEarlierTerms } from '../event-log/sqlite-earlier-terms.ts'
import { openEventLogReader } from '../event-log/sqlite-event-log.ts'
import { openEventLogBlocks } from '../event-log/sqlite-event-log-blocks.ts'
import { openEventLogSearch } from '../event-log/sqlite-event-log-search.ts'
import { openOutbox } from '../event-log/sqlite-outbox.ts'
import { RecentEvents } from '../event-log/sqlite-recent-events.ts'
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
  const { database } = settings.files
  try {
    return openOrCreate(settings)
  } catch (error) {
    if (!isTidingsError(error, 'CORRUPT_DATA') || !isLostPage(database)) throw error
    // SQLite removes the write-ahead log of an empty file, in which it has found nothing.
    truncateSync(database, 0)
    return openOrCreate(settings)
  }
}

function openOrCreate(settings: StoreSettings) {
  const { service, files, durability, cacheBytes, checkpointPages, environment } = settings
  const isLogNew = !hasLeftOver(`${files.database}-wal`)
  // SQLite removes what an older file of this name has left behind only if the new one is empty.
  const isAlone = isLogNew && !hasLeftOver(`${files.database}-journal`)
  const content = { bytes: emptyDatabase(), isFlushed: durability === 'power-loss' }
  createPrivate(files.database, isAlone ? content : undefined)
  let known: StoreIdentity | undefined
  const database = openConnection(files.database, {
    durability,
    cacheBytes,
    checkpointPages,
    busyTimeoutMs: 100,
    accept: (file) => {
      if (isEmpty(file)) return
      known = readIdentity(file, files.database)
      checkService(known, service, files.database)
    },
  })
  try {
    const isNew = known === undefined
    // Only the first few pages: a migration may be so long that the log is moved into the file meanwhile, which has to wait for the disk.
    const begin = () => (isNew ? createLayout(database, service, environment.ids) : touch(database))
    if (isLogNew) beginLog(database, durability, begin)
    else if (isNew) begin()
    if (!isNew) migrateLayout(database)
    return { database, identity: known ?? readIdentity(database, files.database), ...openParts(settings, database) }
  } catch (error) {
    database.close()
    throw error
  }
}

function hasLeftOver(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

// Begins the write-ahead log by writing what is there already; SQLite would skip a row that stays the same. If that fails, so does the first commit, which
// says it: what can be read is still there to be read.
function touch(database: DatabaseSync): void {
  try {
    database.exec(`PRAGMA user_version = ${layoutOf(database)}`)
  } catch {
    // As said above.
  }
}

/** The parts that work on one connection. */
function openParts({ service, environment }: StoreSettings, database: DatabaseSync) {
  const catalogue = openCatalogue(database)
  const recent = new RecentEvents()
  const earlierTerms = readEarlierTerms(database)
  const eventLog = openEventLogReader(database, service, { recent })
  const blocks = openEventLogBlocks(database, eventLog.head(), earlierTerms.upTo)
  const outbox = openOutbox(database, eventLog, { recent, blocks })
  const streams = openStreams(database)
  const search = openEventLogSearch({
    database,
    source: service,
    outbox,
    earlierTerms,
    blocks,
    timeouts: environment.timeouts,
  })
  const units = openUnits({ database, catalogue, streams, outbox })
  return { catalogue, eventLog, outbox, blocks, streams, search, units }
}
