// An index of an event log by key, by type, and by id, conversation and cause, in blocks of some thousand events. A SQL index would be written at a
// place of its own for each event, with a page of the file each once the history is long. A block is written as a whole, at the end of a table, in a
// commit that happens anyway.
// Invariant: the events up to `written` are in the tables, and those up to `indexed` in memory; a search looks at each later one. The tables come
// with the first full block. What was logged without them is indexed later.

import type { DatabaseSync } from 'node:sqlite'
import { hashOfText } from 'tidings/ports'
import { prepare, prepareLater, type Statement } from '../database/sqlite-connection.ts'
import { readMeta, writeMeta } from '../database/sqlite-schema.ts'
import {
  blockCount,
  GrowingBlock,
  type IndexedEvent,
  partCount,
  partOf,
  placesOfHash,
  placesOfType,
} from './sqlite-event-log-block.ts'
import { openEventLogRuns } from './sqlite-event-log-runs.ts'

/** How many events that were logged without the index are indexed with one commit, or at one time without work. */
export const behindCountMax = 1_000

const tables = `
CREATE TABLE IF NOT EXISTS tidings_log_keys (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tidings_log_types (type TEXT NOT NULL, block INTEGER NOT NULL, places BLOB NOT NULL, PRIMARY KEY (type, block));
`

const upToName = 'blocks-up-to'

/** What a search by key and type finds in a block. */
export interface FoundPlaces {
  /** Positions of events that have the type, and whose key or term has the same hash; newest first. */
  readonly positions: readonly number[]
  /** Every matching event up to the position that was asked for and after this one is among them. */
  readonly after: number
}

/** The index of an event log. */
export interface EventLogBlocks {
  /** The last position that is indexed. */
  readonly indexed: number
  /** Indexes an event that is logged within a transaction. */
  add(position: number, event: IndexedEvent): void
  /** Indexes some of the events that were logged without the index, and writes what is full. Call it within a transaction. */
  catchUp(head: number): void
  /** Whether `catchUp` would write a block. If it would not, it needs no transaction. */
  wouldWrite(head: number): boolean
  /** Takes the next steps of merging what is written, if they are due. Call it within a transaction. */
  merge(): void
  /** The events with a key and a type in the newest block that has some up to a position, which is indexed. `undefined` is any. */
  find(upTo: number, key: string | undefined, type: string | undefined): FoundPlaces
  /** The events whose id, conversation or cause may be a text, in the newest blocks up to a position, which is indexed. */
  findTerm(upTo: number, term: string): FoundPlaces
  /** Reads what is written again after a rollback. */
  reload(head: number): void
}

/** An event that is not there. */
const nothing: IndexedEvent = { key: '', type: '', id: '', correlationId: '', causationId: '' }

/**
 * Opens the index of a store's event log.
 *
 * @param termsAfter - the events up to this position have their terms elsewhere.
 */
export function openEventLogBlocks(database: DatabaseSync, head: number, termsAfter: number): EventLogBlocks {
  const behind = prepareLater(
    database,
    `SELECT position, key, type, id, correlation_id, causation_id FROM tidings_log
     WHERE position > ? AND position <= ? ORDER BY position`,
  )
  const stored = () => Number(readMeta(database, upToName) ?? 0)
  let keysOf: Statement | undefined
  let typesOf: Statement | undefined
  let growing = new GrowingBlock()
  let written = stored()
  /** The head when `catchUp` was called last. */
  let seen = head
  const runs = openEventLogRuns(database, written)

  const indexed = () => written + growing.count

  function readBehind(head: number): void {
    // What was logged since the last time is read besides, so that large commits do not leave it behind for ever.
    const upTo = Math.min(head, indexed() + behindCountMax + head - seen)
    for (const row of behind().all(indexed(), upTo)) {
      const [key, type, id, correlationId, causationId] = row.slice(1) as string[] as Texts
      // Positions have no gaps. If a hand has made one, the places of later events are right nevertheless.
      while (indexed() + 1 < (row[0] as number)) growing.add(nothing)
      growing.add({ key, type, id, correlationId, causationId })
    }
  }

  function write(): void {
    database.exec(tables)
    const block = written / blockCount
    const addKeys = prepare(database, 'INSERT INTO tidings_log_keys VALUES (?, ?)')
    for (const [part, entries] of growing.packKeys().entries()) addKeys.run(block * partCount + part, entries)
    const addType = prepare(database, 'INSERT INTO tidings_log_types VALUES (?, ?, ?)')
    for (const [type, places] of growing.packTypes()) addType.run(type, block, places)
    if (written + blockCount > termsAfter) runs.write(block, growing.packTerms())
    growing.shift()
    written += blockCount
    writeMeta(database, upToName, written)
  }

  function placesInBlock(block: number, key: string): number[] {
    keysOf ??= prepare(database, 'SELECT entries FROM tidings_log_keys WHERE id = ?')
    const hash = hashOfText(key)
    const entries = keysOf.get(block * partCount + partOf(hash))?.[0] as Uint8Array | undefined
    return entries === undefined ? [] : placesOfHash(entries, hash, 2)
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
    add: (position, event) => {
      if (position === indexed() + 1) growing.add(event)
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
    merge: () => runs.merge(indexed(), written / blockCount),
    findTerm: (upTo, term) => {
      const hash = hashOfText(term)
      if (upTo > written) return { positions: positionsOf(growing.findTerm(hash), written, upTo), after: written }
      const { block, places } = runs.find(Math.floor((upTo - 1) / blockCount), hash)
      return { positions: positionsOf(places, block * blockCount, upTo), after: block * blockCount }
    },
    reload: (head) => {
      runs.reload()
      const now = stored()
      if (now !== written) growing = new GrowingBlock()
      written = now
      growing.cut(head - written)
      seen = Math.min(seen, head)
    },
  }
}

type Texts = [key: string, type: string, id: string, correlationId: string, causationId: string]

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
