// An index of an event log by key and by type, in blocks of some thousand events. A SQL index would be written at a place of its own for each
// event, with a page of the file each once the history is long. A block is written as a whole, at the end of a table, in a commit that happens
// anyway: 0.3 µs an event, however long the history is.
// Invariant: the events up to `written` are in the tables, and those up to `indexed` in memory; a search looks at each later one. Both tables come
// with the first full block. Builds that do not know them log events without them, and those events are indexed later.

import type { DatabaseSync } from 'node:sqlite'
import { hashOfText } from 'tidings/ports'
import { prepare, prepareLater, type Statement } from '../database/sqlite-connection.ts'
import { readMeta, writeMeta } from '../database/sqlite-schema.ts'
import { blockCount, GrowingBlock, partCount, partOf, placesOfHash, placesOfType } from './sqlite-event-log-block.ts'

/** How many events that were logged without the index are indexed with one commit, or at one time without work. */
export const behindCountMax = 1_000

const tables = `
CREATE TABLE IF NOT EXISTS tidings_log_keys (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tidings_log_types (type TEXT NOT NULL, block INTEGER NOT NULL, places BLOB NOT NULL, PRIMARY KEY (type, block));
`

const upToName = 'blocks-up-to'

/** What a search by key and type finds in a block. */
export interface FoundPlaces {
  /** Positions of events that have the type, and whose key has the same hash; newest first. */
  readonly positions: readonly number[]
  /** Every matching event up to the position that was asked for and after this one is among them. */
  readonly after: number
}

/** The index of an event log. */
export interface EventLogBlocks {
  /** The last position that is indexed. */
  readonly indexed: number
  /** Indexes an event that is logged within a transaction. */
  add(position: number, key: string, type: string): void
  /** Indexes some of the events that were logged without the index, and writes what is full. Call it within a transaction. */
  catchUp(head: number): void
  /** Whether `catchUp` would write a block. If it would not, it needs no transaction. */
  wouldWrite(head: number): boolean
  /** The events with a key and a type in the newest block that has some up to a position, which is indexed. `undefined` is any. */
  find(upTo: number, key: string | undefined, type: string | undefined): FoundPlaces
  /** Reads what is written again after a rollback. */
  reload(head: number): void
}

/** Opens the index of a store's event log. */
export function openEventLogBlocks(database: DatabaseSync, head: number): EventLogBlocks {
  const behind = prepareLater(
    database,
    'SELECT position, key, type FROM tidings_log WHERE position > ? AND position <= ? ORDER BY position',
  )
  const stored = () => Number(readMeta(database, upToName) ?? 0)
  let keysOf: Statement | undefined
  let typesOf: Statement | undefined
  let growing = new GrowingBlock()
  let written = stored()
  /** The head when `catchUp` was called last. */
  let seen = head

  const indexed = () => written + growing.count

  function readBehind(head: number): void {
    // What was logged since the last time is read besides, so that large commits do not leave it behind for ever.
    const upTo = Math.min(head, indexed() + behindCountMax + head - seen)
    for (const [position, key, type] of behind().all(indexed(), upTo)) {
      // Positions have no gaps. If a hand has made one, the places of later events are right nevertheless.
      while (indexed() + 1 < (position as number)) growing.add('', '')
      growing.add(key as string, type as string)
    }
  }

  function write(): void {
    database.exec(tables)
    const block = written / blockCount
    const addKeys = prepare(database, 'INSERT INTO tidings_log_keys VALUES (?, ?)')
    for (const [part, entries] of growing.packKeys().entries()) addKeys.run(block * partCount + part, entries)
    const addType = prepare(database, 'INSERT INTO tidings_log_types VALUES (?, ?, ?)')
    for (const [type, places] of growing.packTypes()) addType.run(type, block, places)
    growing.shift()
    written += blockCount
    writeMeta(database, upToName, written)
  }

  function placesInBlock(block: number, key: string): number[] {
    keysOf ??= prepare(database, 'SELECT entries FROM tidings_log_keys WHERE id = ?')
    const hash = hashOfText(key)
    const entries = keysOf.get(block * partCount + partOf(hash))?.[0] as Uint8Array | undefined
    return entries === undefined ? [] : placesOfHash(entries, hash)
  }

  function findWritten(upTo: number, key: string | undefined, type: string | undefined): FoundPlaces {
    let block = Math.floor((upTo - 1) / blockCount)
    let typeBytes: Uint8Array | undefined
    if (type !== undefined) {
      typesOf ??= prepare(
        database,
        'SELECT block, places FROM tidings_log_types WHERE type = ? AND block <= ? ORDER BY block DESC LIMIT 1',
      )
      const row = typesOf.get(type, block)
      if (row === undefined) return { positions: [], after: 0 }
      block = row[0] as number
      typeBytes = row[1] as Uint8Array
    }
    let places = key === undefined ? undefined : placesInBlock(block, key)
    // Few blocks have the key, and most have the type, so the places of the type are read last.
    if (typeBytes !== undefined && places?.length !== 0) {
      const withType = placesOfType(typeBytes)
      places = places === undefined ? withType : inBoth(places, withType)
    }
    return { positions: positionsOf(places ?? [], block * blockCount, upTo), after: block * blockCount }
  }

  return {
    get indexed() {
      return indexed()
    },
    add: (position, key, type) => {
      if (position === indexed() + 1) growing.add(key, type)
    },
    catchUp: (head) => {
      if (indexed() < head) readBehind(head)
      seen = head
      while (growing.count >= blockCount) write()
    },
    wouldWrite: (head) => Math.min(head, indexed() + behindCountMax + head - seen) - written >= blockCount,
    find: (upTo, key, type) =>
      upTo > written
        ? { positions: positionsOf(growing.find(key, type), written, upTo), after: written }
        : findWritten(upTo, key, type),
    reload: (head) => {
      const now = stored()
      if (now !== written) growing = new GrowingBlock()
      written = now
      growing.cut(head - written)
      seen = Math.min(seen, head)
    },
  }
}

/** The places that are in both lists, each newest first. */
function inBoth(some: readonly number[], others: readonly number[]): number[] {
  const both: number[] = []
  let at = 0
  for (const place of some) {
    while (at < others.length && (others[at] as number) > place) at += 1
    if (others[at] === place) both.push(place)
  }
  return both
}

function positionsOf(places: readonly number[], before: number, upTo: number): number[] {
  const positions: number[] = []
  for (const place of places) if (before + place + 1 <= upTo) positions.push(before + place + 1)
  return positions
}
