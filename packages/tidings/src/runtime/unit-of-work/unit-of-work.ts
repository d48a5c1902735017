// One unit of work: everything a function writes is buffered here, visible to its own reads, and committed together or not at all.
// A batch is a unit too; each of its deliveries is a unit within it. Invariant: every read is checked when the unit is merged or committed.

import type { EventRecord } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Append, Awaitable, CommitUnit, RowCheck, RowWrite, Store, StoredRow } from '../../ports/index.ts'
import type { Turn } from '../concurrency/key-lines.ts'
import type { PendingRow, PendingStream } from './pending-writes.ts'
import type { RowCache, RowText } from './row-cache.ts'

export type { PendingRow, PendingStream } from './pending-writes.ts'

type Read = { readonly table: string; readonly key: string; readonly from: number | PendingRow }

/** A unit of work. */
export class UnitOfWork {
  readonly store: Store
  /** The turn of the command that it belongs to; `undefined` if it is no command's, and so waits in no line. */
  turn: Turn | undefined
  #parent: UnitOfWork | undefined
  // Created at their first use: most units use one or two of them, and there is a unit for every command and event.
  #reads: Map<string, Read> | undefined
  #rows: Map<string, Map<string, PendingRow>> | undefined
  #streams: Map<string, PendingStream> | undefined
  #streamReads: Map<string, number> | undefined
  #extraChecks: RowCheck[] | undefined
  #overwritten: Map<string, Map<string, PendingRow | undefined>> | undefined
  #events: EventRecord[] | undefined
  readonly #cache: RowCache | undefined
  #tables: unknown
  #finishedCount = 0
  #closed = false
  #isSpoiled = false

  /** @param cache - the rows of tables that only this unit's subscription writes; reads of them are not checked. */
  constructor(store: Store, parent?: UnitOfWork, cache?: RowCache) {
    this.store = store
    this.turn = parent?.turn
    this.#parent = parent
    this.#cache = cache ?? parent?.cache
  }

  /** The events published so far. */
  get events(): readonly EventRecord[] {
    return this.#events ?? none
  }

  /** How many of the events are complete: those before this index come from functions that have ended. */
  get finishedCount(): number {
    return this.#finishedCount
  }

  /** Marks all events published so far as complete. */
  markFinished(): void {
    this.#finishedCount = this.events.length
  }

  /** Replaces an event by its complete form. */
  replaceEvent(index: number, event: EventRecord): void {
    if (this.#events !== undefined) this.#events[index] = event
  }

  /** The tables as user code sees them in this unit, if they were made. */
  get tables(): unknown {
    return this.#tables
  }

  /** Keeps the tables, so that they are created once; returns them. */
  keepTables(tables: unknown): unknown {
    this.#tables = tables
    return tables
  }

  /** The rows of tables that only this unit's subscription writes. */
  get cache(): RowCache | undefined {
    return this.#cache
  }

  /** Ends the unit: late writes of a function that has already failed or returned are refused. */
  close(): void {
    this.#closed = true
  }

  /** Throws `UNIT_CLOSED` once the unit has ended. */
  assertOpen(): void {
    if (this.#closed) {
      throw new TidingsError(
        'UNIT_CLOSED',
        'A function kept reading or writing after it had returned, failed or timed out.',
      )
    }
  }

  /** A row as this unit sees it, without a promise if possible; the read is checked at commit. */
  get(table: string, key: string): Awaitable<RowText | undefined> {
    this.assertOpen()
    const pending = this.#pending(table, key)
    if (pending !== undefined) {
      if (this.#rows?.get(table)?.get(key) === undefined) this.#recordRead(table, key, pending)
      return pending.row ?? undefined
    }
    const cached = this.#cache?.get(table, key)
    if (cached !== undefined) return cached ?? undefined
    const answer = this.store.get(table, key)
    if (answer instanceof Promise) return answer.then((row) => this.#noteStored(table, key, row))
    return this.#noteStored(table, key, answer)
  }

  #noteStored(table: string, key: string, row: StoredRow | undefined): RowText | undefined {
    this.#cache?.set(table, key, row ?? null)
    this.#recordRead(table, key, row?.revision ?? 0)
    return row
  }

  /** Rows of a table that this unit (and its batch) has written but not committed. */
  pendingRows(table: string): ReadonlyMap<string, PendingRow> {
    const own = this.#rows?.get(table)
    const outer = this.#parent?.pendingRows(table)
    if (outer === undefined || outer.size === 0) return own ?? emptyRows
    return own === undefined ? outer : new Map([...outer, ...own])
  }

  /** Notes the row that a write is about to replace, so that what it had reserved can be released. The first note of a function counts. */
  noteOverwritten(table: string, key: string): void {
    this.assertOpen()
    this.#overwritten ??= new Map()
    const rows = this.#overwritten.get(table) ?? new Map<string, PendingRow | undefined>()
    this.#overwritten.set(table, rows)
    if (!rows.has(key)) rows.set(key, this.#rows?.get(table)?.get(key))
  }

  /** The rows noted since the last call, by table and key; `undefined` for a row that this unit had not written before. */
  takeOverwritten(): ReadonlyMap<string, ReadonlyMap<string, PendingRow | undefined>> | undefined {
    const noted = this.#overwritten
    this.#overwritten = undefined
    return noted
  }

  /** A row as it is without this unit's own writes; the read is checked at commit. */
  async getBeneath(table: string, key: string): Promise<RowText | undefined> {
    this.assertOpen()
    const pending = this.#parent?.pendingRow(table, key)
    if (pending !== undefined) {
      this.#recordRead(table, key, pending)
      return pending.row ?? undefined
    }
    return this.#noteStored(table, key, await this.store.get(table, key))
  }

  /** Records that a row was read from the store; it is checked at commit. */
  recordStoreRead(table: string, key: string, revision: number): void {
    if (this.#pending(table, key) === undefined) this.#recordRead(table, key, revision)
  }

  /** The runtime has rewritten a row that the unit has read, without a change to what was read: from now on this revision is checked. */
  rebaseRead(table: string, key: string, revision: number): void {
    const id = `${table}/${key}`
    const read = this.#reads?.get(id)
    if (typeof read?.from === 'number') this.#reads?.set(id, { table, key, from: revision })
  }

  /** Adds a check that belongs to no read: a fence. */
  check(check: RowCheck): void {
    this.#extraChecks ??= []
    this.#extraChecks.push(check)
  }

  put(table: string, key: string, row: PendingRow['row']): void {
    this.assertOpen()
    this.#rowsOf(table).set(key, { key, row })
  }

  /** A document of the runtime's own. */
  putDocument(table: string, key: string, document: unknown): void {
    this.put(table, key, { schemaVersion: 1, json: JSON.stringify(document), columns: [] })
  }

  deleteRow(table: string, key: string): void {
    this.put(table, key, null)
  }

  /** A stream that this unit or its batch has loaded. */
  stream(category: string, stream: string): PendingStream | undefined {
    return this.streamById(`${category}/${stream}`)
  }

  /** Sets the current state of a stream. The version at the first call is what the unit has read, and is checked at commit. */
  setStream(pending: PendingStream): void {
    this.assertOpen()
    const id = `${pending.category}/${pending.stream}`
    this.#streamReads ??= new Map()
    if (!this.#streamReads.has(id)) this.#streamReads.set(id, pending.version)
    this.#streams ??= new Map()
    this.#streams.set(id, pending)
  }

  /** Whether it writes rows of a table. */
  writes(table: string): boolean {
    return this.#rows?.has(table) === true
  }

  /** How many rows it writes, those of the units within it not counted. */
  get rowCount(): number {
    let count = 0
    for (const rows of this.#rows?.values() ?? []) count += rows.size
    return count
  }

  /** Whether there is anything to commit. */
  get hasWrites(): boolean {
    return this.#rows !== undefined || this.#events !== undefined || this.appendedStreams().length > 0
  }

  /** Adds the committed rows to the cache, or clears it if the commit failed. */
  settleCache(committed: boolean): void {
    if (this.#cache === undefined) return
    if (!committed) this.#cache.clear()
    else if (this.#rows !== undefined) {
      for (const [table, rows] of this.#rows) for (const { key, row } of rows.values()) this.#cache.set(table, key, row)
    }
  }

  /** Takes over what another unit has read, so that the commit checks it; what that one has written is left out. */
  checkReadsOf(unit: UnitOfWork): void {
    this.#adoptReads(unit)
    for (const read of unit.loadedStreams()) this.setStream({ ...read, version: read.storedVersion, facts: [] })
  }

  /** Whether it has read anything that its commit checks. */
  get hasReads(): boolean {
    return this.#reads !== undefined || this.#streams !== undefined
  }

  /** The streams the unit has read or appended to. */
  loadedStreams(): readonly PendingStream[] {
    return this.#streams === undefined ? none : [...this.#streams.values()]
  }

  /** The streams the unit has appended to. */
  appendedStreams(): readonly PendingStream[] {
    return this.#streams === undefined ? none : this.loadedStreams().filter(({ facts }) => facts.length > 0)
  }

  publish(event: EventRecord): void {
    this.assertOpen()
    if (this.#events === undefined) this.#events = [event]
    else this.#events.push(event)
  }

  /**
   * Merges a finished unit into this batch.
   *
   * @returns false if another unit of the batch has changed something that the unit has read; nothing is merged then.
   */
  merge(unit: UnitOfWork): boolean {
    if (!this.#allows(unit)) return false
    this.#adoptReads(unit)
    if (unit.#rows !== undefined) {
      for (const [table, rows] of unit.#rows) {
        const own = this.#rowsOf(table)
        for (const [key, row] of rows) own.set(key, row)
      }
    }
    if (unit.#streams !== undefined) {
      this.#streams ??= new Map()
      for (const [id, stream] of unit.#streams) this.#streams.set(id, stream)
    }
    for (const check of unit.#extraChecks ?? []) this.check(check)
    if (this.#events === undefined) this.#events = unit.#events?.slice()
    else for (const event of unit.events) this.#events.push(event)
    return true
  }

  /** Whether it has read something of its batch that was not committed like that: then it cannot be committed. */
  get isSpoiled(): boolean {
    return this.#isSpoiled
  }

  /**
   * Takes an unfinished unit out of its batch; from now on it reads from the store.
   *
   * @param revision - that of the batch's commit: what the unit has read of the batch is now in the store, under this revision. `undefined`: the batch was
   * not committed.
   */
  leaveBatch(revision: number | undefined): void {
    const batch = this.#parent
    if (batch === undefined) return
    this.#parent = undefined
    for (const [id, read] of this.#reads ?? []) {
      const { table, key, from } = read
      if (typeof from === 'number') continue
      if (revision === undefined || batch.pendingRow(table, key) !== from) this.#isSpoiled = true
      else this.#reads?.set(id, { table, key, from: from.row === null ? 0 : revision })
    }
    for (const [id, version] of this.#streamReads ?? []) {
      const appended = batch.streamById(id)
      if (appended === undefined || appended.facts.length === 0) continue
      const own = this.#streams?.get(id)
      if (revision === undefined || own === undefined || appended.version !== version) this.#isSpoiled = true
      else this.#streams?.set(id, { ...own, storedVersion: version, facts: own.facts.slice(appended.facts.length) })
    }
  }

  // Whether everything that a unit has read is unchanged.
  #allows(unit: UnitOfWork): boolean {
    for (const { table, key, from } of unit.#reads?.values() ?? []) {
      const current = this.#pending(table, key)
      if (current !== (typeof from === 'number' ? undefined : from)) return false
    }
    for (const [id, version] of unit.#streamReads ?? []) {
      const current = this.streamById(id)
      if (current !== undefined && current.version !== version) return false
    }
    return true
  }

  // Takes over what the unit has read from the store rather than from this unit: it is checked when this unit is merged or committed.
  #adoptReads(unit: UnitOfWork): void {
    for (const [id, read] of unit.#reads ?? []) {
      this.#reads ??= new Map()
      const own = this.#rows?.get(read.table)?.has(read.key) === true
      if (!own && !this.#reads.has(id)) this.#reads.set(id, read)
    }
    for (const [id, version] of unit.#streamReads ?? []) {
      this.#streamReads ??= new Map()
      if (this.#streams?.has(id) !== true && !this.#streamReads.has(id)) this.#streamReads.set(id, version)
    }
  }

  /** What the store has to commit. */
  toCommit(): CommitUnit {
    return { checks: this.#checks(), rows: this.#writes(), appends: this.#appends(), events: this.events }
  }

  #checks(): readonly RowCheck[] {
    if (this.#reads === undefined) return this.#extraChecks ?? none
    const checks = this.#extraChecks === undefined ? [] : [...this.#extraChecks]
    for (const { table, key, from } of this.#reads.values())
      if (typeof from === 'number') checks.push({ table, key, revision: from })
    return checks
  }

  #writes(): readonly RowWrite[] {
    if (this.#rows === undefined) return none
    const writes: RowWrite[] = []
    for (const [table, pending] of this.#rows)
      for (const { key, row } of pending.values()) writes.push({ table, key, row })
    return writes
  }

  #appends(): readonly Append[] {
    if (this.#streams === undefined) return none
    const appends: Append[] = []
    for (const { category, stream, storedVersion, facts } of this.#streams.values()) {
      // A stream that was only read is checked as well: the decision holds only for that version.
      appends.push({ category, stream, expectedVersion: storedVersion, facts })
    }
    return appends
  }

  /** A stream by `<category>/<stream>`. */
  streamById(id: string): PendingStream | undefined {
    return this.#streams?.get(id) ?? this.#parent?.streamById(id)
  }

  #rowsOf(table: string): Map<string, PendingRow> {
    this.#rows ??= new Map()
    const known = this.#rows.get(table)
    if (known !== undefined) return known
    const rows = new Map<string, PendingRow>()
    this.#rows.set(table, rows)
    return rows
  }

  #pending(table: string, key: string): PendingRow | undefined {
    return this.#rows?.get(table)?.get(key) ?? this.#parent?.pendingRow(table, key)
  }

  /** One buffered row, for units within this one. */
  pendingRow(table: string, key: string): PendingRow | undefined {
    return this.#pending(table, key)
  }

  #recordRead(table: string, key: string, from: number | PendingRow): void {
    if (this.#cache !== undefined && typeof from === 'number') return
    const id = `${table}/${key}`
    this.#reads ??= new Map()
    if (!this.#reads.has(id)) this.#reads.set(id, { table, key, from })
  }
}

const emptyRows: ReadonlyMap<string, PendingRow> = new Map()
const none: readonly never[] = []
