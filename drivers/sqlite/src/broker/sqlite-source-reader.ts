// Reads the event log of a service that another engine writes, from the file of its store.
// Invariant: a page and its epoch come from one snapshot, and the file was in its place after it was read: a file that was replaced is opened
// again, and one that was moved away may have changed meanwhile. A file that does not exist yet gives an empty page.

import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { EarlierEpoch, EventLogPage, EventLogRequest } from 'tidings/ports'
import { type Durability, openConnection, prepare } from '../database/sqlite-connection.ts'
import { isEmpty, layoutOf, layoutVersion } from '../database/sqlite-layout.ts'
import { checkService, readIdentity } from '../database/sqlite-schema.ts'
import { openEventLogReader } from '../event-log/sqlite-event-log.ts'

/** How long to wait for a process that recovers or closes the file, in milliseconds. */
const busyTimeoutMs = 50

/** Reads one source. */
export interface SourceReader {
  read(request: EventLogRequest): EventLogPage
  earlierEpochs(): readonly EarlierEpoch[]
  close(): void
}

interface OpenSource {
  readonly inode: bigint
  /** Of the write-ahead log, once it exists. */
  log: bigint | undefined
  readonly database: DatabaseSync
  readonly read: (request: EventLogRequest) => EventLogPage
}

/** Makes a reader of a source. Its connection opens once the file exists. */
export function createSourceReader(path: string, source: string, durability: Durability): SourceReader {
  let open: OpenSource | undefined

  function close(): void {
    open?.database.close()
    open = undefined
  }

  function ready(): OpenSource | undefined {
    open ??= openSource(path, source, durability)
    return open
  }

  return {
    read: (request) => {
      const page = ready()?.read(request)
      if (open !== undefined && page !== undefined && isInPlace(path, open, page.next !== request.after)) return page
      close()
      return ready()?.read(request) ?? { epoch: undefined, events: [], next: request.after, head: '' }
    },
    earlierEpochs: () => {
      if (open !== undefined && !isInPlace(path, open, false)) close()
      const current = ready()
      return current === undefined ? [] : readIdentity(current.database, path).earlierEpochs
    },
    close,
  }
}

function openSource(path: string, source: string, durability: Durability): OpenSource | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  // If the file is empty, another process is about to make it a store. Opening it now would block that process.
  if (file === undefined || file.size === 0n) return undefined
  const database = openConnection(path, { durability, readOnly: true, busyTimeoutMs })
  try {
    if (isEmpty(database)) {
      database.close()
      return undefined
    }
    checkService(readIdentity(database, path), source, path)
    return { inode: file.ino, log: inodeOf(`${path}-wal`), database, read: openRead(database, source) }
  } catch (error) {
    if (database.isOpen) database.close()
    throw error
  }
}

function openRead(database: DatabaseSync, source: string): (request: EventLogRequest) => EventLogPage {
  let layout = layoutOf(database)
  let reader = openEventLogReader(database, source, { layout })
  const epoch = prepare(database, "SELECT value FROM tidings_meta WHERE name = 'epoch'")
  const begin = prepare(database, 'BEGIN')
  const end = prepare(database, 'COMMIT')
  return (request) => {
    begin.run()
    try {
      if (layout < layoutVersion && layoutOf(database) > layout) {
        // Its service was started again by a later build, which has migrated the file that is open here.
        layout = layoutOf(database)
        reader = openEventLogReader(database, source, { layout })
      }
      return reader.page(request, reader.head(), String(epoch.get()?.[0]))
    } finally {
      end.run()
    }
  }
}

// Whoever copies an older store over this one removes the write-ahead log, and this connection would read on in the removed one, where nothing
// new comes.
function isInPlace(path: string, open: OpenSource, hasNews: boolean): boolean {
  if (inodeOf(path) !== open.inode) return false
  if (hasNews) return true
  const log = inodeOf(`${path}-wal`)
  open.log ??= log
  return log === open.log
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
