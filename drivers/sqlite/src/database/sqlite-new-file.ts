// The first page of a database that has a write-ahead log and nothing else. SQLite would write the same in several steps, with a rollback journal and
// four waits for the disk. The format is described at https://sqlite.org/fileformat2.html.

import { readFileSync, statSync } from 'node:fs'

const pageBytes = 4_096
/** A file with a write-ahead log: the version for writers and the one for readers. */
const withLog = 2
/** A page of a table without rows: a leaf. */
const leaf = 13

/**
 * Whether a power cut has taken the page of a file that was just created: it was not on the disk yet, and some file systems leave zeros in its place. A
 * store that was ever checkpointed has more pages. Call it only while nothing has the file open.
 */
export function isLostPage(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.size !== pageBytes) return false
  return readFileSync(file).every((byte) => byte === 0)
}

/** An empty database in WAL mode. */
export function emptyDatabase(): Uint8Array {
  const page = new Uint8Array(pageBytes)
  const view = new DataView(page.buffer)
  page.set(new TextEncoder().encode('SQLite format 3\0'))
  view.setUint16(16, pageBytes)
  // The version for writers, the one for readers, the bytes that a page leaves free at its end, and three shares that every file has.
  page.set([withLog, withLog, 0, 64, 32, 32], 18)
  // The number of pages. The counters of changes, before and behind it, agree on 0.
  view.setUint32(28, 1)
  page[100] = leaf
  // Its cells would begin at the end of the page.
  view.setUint16(105, pageBytes)
  return page
}
