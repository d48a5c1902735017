// A publisher's committed outbox, read from its file by another process. Invariant: a page and its epoch come from one
// snapshot; a file that was replaced is opened anew; a file that is not there yet is an empty page.

import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { EarlierEpoch, LogPage, LogRequest } from 'tidings/ports'
import { type Durability, openConnection, prepare } from '../database/sqlite-connection.ts'
import { openLogReader } from '../event-log/sqlite-event-log.ts'
import { checkService, isEmpty, readIdentity } from '../database/sqlite-schema.ts'

/** Waits out somebody who recovers or closes the file. */
const patienceMs = 50

/** Reads one source. */
export interface SourceReader {
  read(request: LogRequest): LogPage
  earlierEpochs(): readonly EarlierEpoch[]
  close(): void
}

interface OpenSource {
  readonly inode: bigint
  readonly database: DatabaseSync
  readonly read: (request: LogRequest) => LogPage
}

/** Makes a reader of a source; its connection opens when the file is there. */
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
      if (page !== undefined && page.next !== request.after) return page
      // No news: perhaps because this is no longer the file that others call by the name.
      if (open !== undefined && inodeOf(path) === open.inode && page !== undefined) return page
      close()
      return ready()?.read(request) ?? { epoch: undefined, events: [], next: request.after, head: '' }
    },
    earlierEpochs: () => {
      if (open !== undefined && inodeOf(path) !== open.inode) close()
      const current = ready()
      return current === undefined ? [] : readIdentity(current.database, path).earlierEpochs
    },
    close,
  }
}

function openSource(path: string, source: string, durability: Durability): OpenSource | undefined {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false })
  // An empty file is about to become a store; who opens it now stands in its writer's way.
  if (file === undefined || file.size === 0n) return undefined
  const database = openConnection(path, { durability, readOnly: true, busyTimeoutMs: patienceMs })
  try {
    if (isEmpty(database)) {
      database.close()
      return undefined
    }
    checkService(readIdentity(database, path), source, path)
    return { inode: file.ino, database, read: openRead(database, source) }
  } catch (error) {
    if (database.isOpen) database.close()
    throw error
  }
}

function openRead(database: DatabaseSync, source: string): (request: LogRequest) => LogPage {
  const reader = openLogReader(database, source)
  const epoch = prepare(database, "SELECT value FROM tidings_meta WHERE name = 'epoch'")
  const begin = prepare(database, 'BEGIN')
  const end = prepare(database, 'COMMIT')
  return (request) => {
    begin.run()
    try {
      return reader.page(request, reader.head(), String(epoch.get()?.[0]))
    } finally {
      end.run()
    }
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
