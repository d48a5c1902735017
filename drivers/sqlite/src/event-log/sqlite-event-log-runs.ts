// An index of an event log by terms: ids, conversations and causes. Each block of events adds a run: the hashes of its terms, sorted, with the place of
// each event. Sixteen runs are merged into one that is sixteen times as long, so a search asks few, however long the history is. A SQL index would
// change pages all over the file; here, each entry is written once for each level.
// Invariant: the entries are at rest, so they stay as they are. For each part of the hashes, an event is in exactly one run: which one follows from the
// number of steps that merging has taken, so a search may come at any time between two steps.

import type { DatabaseSync } from 'node:sqlite'
import { prepareLater } from '../database/sqlite-connection.ts'
import { readMeta, writeMeta } from '../database/sqlite-schema.ts'
import { blockCount, placesOfHash } from './sqlite-event-log-block.ts'

/** How many runs are merged into one. */
const fan = 16
const fanBits = 4

/** The run of a block is in that many parts, by the first bits of the hashes; a longer one in as many more as it is longer. A part is half a page. */
const blockParts = 256
const blockPartBits = 8

/** The most levels of merged runs: one of the highest has a billion events, whose places take four bytes. */
const levelMax = 4

/** How many parts a step merges: a commit takes a millisecond more. */
const stepParts = 4

/** One step in so many events for each level is just as fast as runs come. */
const stepEvents = (blockCount / blockParts) * fan * stepParts

/** A filter says which beginnings of that many bits the hashes of a block have: 32 KB, in which a sixth of the bits are set. */
const filterBits = 18

const table = 'CREATE TABLE IF NOT EXISTS tidings_log_runs (id INTEGER PRIMARY KEY, entries BLOB NOT NULL)'

const stepsName = 'runs-merged'

/** The ids of each level are apart. */
const levelIds = 2 ** 46

const levels = Array.from({ length: levelMax + 1 }, (_, level) => fan ** level)
const blocksOf = (level: number): number => levels[level] as number
const partsOf = (level: number): number => blockParts * blocksOf(level)
const partOf = (hash: number, level: number): number => hash >>> (32 - blockPartBits - fanBits * level)
const idOf = (level: number, run: number, part: number): number => level * levelIds + run * partsOf(level) + part

/** What a run has of a term. */
export interface FoundInRun {
  /** The first block of the run. */
  readonly block: number
  /** Places from the beginning of that block, newest first. */
  readonly places: readonly number[]
}

/** The runs of an event log. */
export interface EventLogRuns {
  /** Writes the run of a block: hash × `blockCount` + place, in ascending order. Call it within a transaction. */
  write(block: number, entries: Float64Array): void
  /** Merges as much as is due after so many events, of which so many blocks are written. Call it within a transaction. */
  merge(events: number, blocks: number): void
  /** Finds a term in the run that has a block, which is written. */
  find(block: number, hash: number): FoundInRun
  /** Reads again what a rollback may have undone. */
  reload(): void
}

/** Opens the runs of a store's event log, of which so many events are indexed. */
export function openEventLogRuns(database: DatabaseSync, indexed: number): EventLogRuns {
  const add = prepareLater(database, 'INSERT INTO tidings_log_runs VALUES (?, ?)')
  const one = prepareLater(database, 'SELECT entries FROM tidings_log_runs WHERE id = ?')
  const some = prepareLater(database, 'SELECT id, entries FROM tidings_log_runs WHERE id >= ? AND id < ?')
  const remove = prepareLater(database, 'DELETE FROM tidings_log_runs WHERE id >= ? AND id < ?')
  const stored = (): number[] | undefined => {
    const text = readMeta(database, stepsName)
    return text === undefined ? undefined : (JSON.parse(String(text)) as number[])
  }
  /** By level: how many steps have merged runs into it. The first level has the runs of blocks. */
  let steps = stored()
  let seen = indexed
  /** The filters of blocks that are not merged yet. There are at most two times sixteen. */
  const filters = new Map<number, Uint32Array>()
  /** How often a block was asked that has no filter, because it was written before the store was opened. */
  let unfiltered = 0

  function filterFor(block: number): Uint32Array | undefined {
    const known = filters.get(block)
    if (known !== undefined) return known
    // To read all parts of a block takes as long as a hundred questions, so a search makes one filter at most.
    unfiltered += 1
    if (unfiltered % fan !== 0) return undefined
    const filter = emptyFilter()
    for (const [, entries] of some().all(idOf(0, block, 0), idOf(0, block + 1, 0)))
      markAll(filter, entries as Uint8Array)
    filters.set(block, filter)
    return filter
  }

  /** How many parts of the level below are merged. */
  const merged = (level: number): number => (steps?.[level] ?? 0) * stepParts

  /** Which run is being merged, and how many parts of those below it have. */
  const place = (level: number) => {
    const run = Math.floor(merged(level) / partsOf(level - 1))
    return { run, first: merged(level) % partsOf(level - 1) }
  }

  const levelWith = (block: number, hash: number): number => {
    let level = 0
    while (level < levelMax) {
      const run = Math.floor(block / blocksOf(level + 1))
      if (merged(level + 1) <= run * partsOf(level) + partOf(hash, level)) return level
      level += 1
    }
    return level
  }

  /** Whether the runs of the level below are all there, and so many events have come since then. */
  function isDue(level: number, events: number, blocks: number): boolean {
    const { run, first } = place(level)
    const end = (run + 1) * blocksOf(level)
    if (blocks < end || events < end * blockCount + (first / stepParts) * stepEvents) return false
    return level === 1 || merged(level - 1) >= (run + 1) * fan * partsOf(level - 2)
  }

  function step(level: number): void {
    const below = level - 1
    const { run, first } = place(level)
    const parts = Array.from({ length: stepParts }, (): Part[] => [])
    for (let source = 0; source < fan; source++) {
      const id = idOf(below, run * fan + source, first)
      for (const [at, entries] of some().all(id, id + stepParts))
        parts[(at as number) - id]?.push({
          before: source * blocksOf(below) * blockCount,
          entries: entries as Uint8Array,
        })
      remove().run(id, id + stepParts)
    }
    for (const [index, sources] of parts.entries()) {
      const to = idOf(level, run, (first + index) * fan)
      for (const [part, entries] of mergeParts(sources, level).entries())
        if (entries.length > 0) add().run(to + part, entries)
    }
    steps = steps?.map((count, at) => (at === level ? count + 1 : count))
    if (level === 1 && place(level).run > run)
      for (let block = run * fan; block < (run + 1) * fan; block++) filters.delete(block)
  }

  return {
    write: (block, entries) => {
      database.exec(table)
      // What an earlier build has logged has its terms elsewhere, so there is nothing to merge before this block.
      if (steps === undefined) {
        steps = Array.from({ length: levelMax + 1 }, (_, level) =>
          level === 0 ? 0 : Math.floor(block / blocksOf(level)) * (partsOf(level - 1) / stepParts),
        )
        writeMeta(database, stepsName, JSON.stringify(steps))
      }
      filters.set(block, filterOf(entries))
      for (const [part, bytes] of splitRun(entries).entries())
        if (bytes.length > 0) add().run(idOf(0, block, part), bytes)
    },
    merge: (events, blocks) => {
      const most = 1 + Math.floor(Math.max(0, events - seen) / stepEvents)
      seen = events
      if (steps === undefined) return
      const before = steps
      for (let level = 1; level <= levelMax; level++)
        for (let count = 0; count < most && isDue(level, events, blocks); count++) step(level)
      if (steps !== before) writeMeta(database, stepsName, JSON.stringify(steps))
    },
    find: (block, hash) => {
      const level = levelWith(block, hash)
      if (level === 0 && steps !== undefined && !mayHave(filterFor(block), hash)) return { block, places: [] }
      const run = Math.floor(block / blocksOf(level))
      const entries = steps === undefined ? undefined : one().get(idOf(level, run, partOf(hash, level)))?.[0]
      return {
        block: run * blocksOf(level),
        places: entries === undefined ? [] : placesOfHash(entries as Uint8Array, hash, 4),
      }
    },
    reload: () => {
      steps = stored()
    },
  }
}

const emptyFilter = (): Uint32Array => new Uint32Array(2 ** filterBits / 32)

function filterOf(entries: Float64Array): Uint32Array {
  const filter = emptyFilter()
  for (let index = 0; index < entries.length; index++) mark(filter, Math.floor((entries[index] as number) / blockCount))
  return filter
}

function mark(filter: Uint32Array, hash: number): void {
  const beginning = hash >>> (32 - filterBits)
  filter[beginning >>> 5] = (filter[beginning >>> 5] as number) | (1 << (beginning & 31))
}

function markAll(filter: Uint32Array, entries: Uint8Array): void {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength)
  for (let index = 0; index < entries.length / 8; index++) mark(filter, view.getUint32(index * 4, true))
}

/** Whether a block may have a hash. It may if there is no filter. */
function mayHave(filter: Uint32Array | undefined, hash: number): boolean {
  const beginning = hash >>> (32 - filterBits)
  return filter === undefined || ((filter[beginning >>> 5] ?? 0) & (1 << (beginning & 31))) !== 0
}

/** A part of a run that is merged. */
interface Part {
  /** How many events of the merged run are before those of this one. */
  readonly before: number
  readonly entries: Uint8Array
}

// An entry has the hash in four bytes; behind all hashes of a part come the places, in four bytes each. Every machine writes the lower byte first.
function splitRun(sorted: Float64Array): Uint8Array[] {
  return splitSorted(sorted, blockParts, 2 ** (32 - blockPartBits) * blockCount, blockCount, 0)
}

/** Merges the same part of sixteen runs: gives the parts of the longer one. */
function mergeParts(sources: readonly Part[], level: number): Uint8Array[] {
  const events = blockCount * blocksOf(level)
  // Within a part, the hashes have the same beginning: without it, hash and place are exact in one number.
  const rest = 2 ** (32 - blockPartBits - fanBits * (level - 1))
  let beginning = 0
  const sorted = new Float64Array(sources.reduce((sum, { entries }) => sum + entries.length / 8, 0))
  let count = 0
  for (const { before, entries } of sources) {
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength)
    const length = entries.length / 8
    for (let index = 0; index < length; index++) {
      const hash = view.getUint32(index * 4, true)
      beginning = hash - (hash % rest)
      sorted[count++] = (hash % rest) * events + before + view.getUint32((length + index) * 4, true)
    }
  }
  sorted.sort()
  return splitSorted(sorted, fan, (rest / fan) * events, events, beginning)
}

function splitSorted(
  sorted: Float64Array,
  parts: number,
  each: number,
  events: number,
  beginning: number,
): Uint8Array[] {
  const split: Uint8Array[] = []
  let from = 0
  for (let part = 1; part <= parts; part++) {
    let to = from
    while (to < sorted.length && (sorted[to] as number) < part * each) to += 1
    const bytes = new Uint8Array((to - from) * 8)
    const view = new DataView(bytes.buffer)
    for (let index = 0; index < to - from; index++) {
      const entry = sorted[from + index] as number
      const place = entry % events
      view.setUint32(index * 4, beginning + (entry - place) / events, true)
      view.setUint32((to - from + index) * 4, place, true)
    }
    split.push(bytes)
    from = to
  }
  return split
}
