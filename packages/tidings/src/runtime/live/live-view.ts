// A live view: the rows that a live query shows for one value of its index, shared by all who read them, and the latest changes for
// readers that reconnect. Invariant: after each item, a reader has exactly the rows that the commits reported so far have left. No change
// is missed between a snapshot and the changes that follow it, and no row returns to an older state.

import { compareText, type RowWrite, type StoredRow } from '../../ports/index.ts'
import type { LiveDeclaration, LiveWhere } from '../../services/index.ts'
import { type LiveItem, placeId, putItem, removeItem, type ShownRow, snapshotItem } from './live-item.ts'
import type { LiveReader, LiveSource } from './live-reader.ts'

/** A row as it is stored. */
export type ReadRow = Pick<StoredRow, 'key' | 'schemaVersion' | 'json'>

/** Which rows a view shows, and how. */
export interface LiveSelection {
  readonly declaration: LiveDeclaration
  /** `undefined` selects all rows. */
  readonly where: LiveWhere | undefined
  /** The public form of a row; `undefined` if it is hidden. */
  readonly show: (row: ReadRow) => ShownRow | undefined
}

/** Bounds of every view of a service. */
export interface LiveViewLimits {
  /** The most keys that readers may have been given; beyond that, all of them get a new snapshot. */
  readonly rowsMax: number
  /** The most bytes of changes that are kept for readers that reconnect. */
  readonly keptBytesMax: number
  /** The most bytes of a snapshot. */
  readonly snapshotBytesMax: number
}

/** The table of a view, as the view uses it. */
export interface LiveViewTable {
  /** Identifies this run of the service. */
  readonly run: string
  readonly limits: LiveViewLimits
  nextNumber(): number
  /** Whether a row that was written is selected. */
  matches(where: LiveWhere | undefined, row: NonNullable<RowWrite['row']>): boolean
  /** The selected rows, in descending order of their keys. */
  read(selection: LiveSelection): Promise<readonly StoredRow[]>
  /** Resolves when every change that an earlier read may have seen was reported to the views. */
  caughtUp(): Promise<void>
  /** Called when readers of the view may have a key from now on, or no longer have it. */
  setHeld(view: LiveView, key: string, held: boolean): void
  /** Called when the view keeps a change, with the change's number. */
  keepChange(view: LiveView, item: number): void
  /** The view needs every change of the table while it reads a snapshot. */
  setLoading(view: LiveView, loading: boolean): void
  /** Called when the view gets its first reader, or loses its last one. */
  setRead(view: LiveView, read: boolean): void
}

/** The rows of a live query and their readers. */
export class LiveView implements LiveSource {
  readonly selection: LiveSelection
  readonly #table: LiveViewTable
  readonly #readers = new Set<LiveReader>()
  /** The keys that readers may have. Only for these do readers need a `remove` item. */
  readonly #keys = new Set<string>()
  #number: number
  #itemCount = 0
  #kept: LiveItem[] = []
  #keptBytes = 0
  #snapshot: LiveItem | undefined
  /** The changes reported while a snapshot is read, by key; `undefined` while none is read. */
  #changes: Map<string, RowWrite['row']> | undefined

  constructor(selection: LiveSelection, table: LiveViewTable) {
    this.selection = selection
    this.#table = table
    this.#number = table.nextNumber()
  }

  /** Identifies what readers were given: changes whenever all of them need a new snapshot. */
  get number(): number {
    return this.#number
  }

  /** Adds a reader: it continues from its last item if all changes since then are kept; otherwise it gets a snapshot. */
  join(reader: LiveReader, after: { readonly view: number; readonly item: number } | undefined): void {
    this.#readers.add(reader)
    if (this.#readers.size === 1) this.#table.setRead(this, true)
    const missed = this.#itemCount - (after?.item ?? 0)
    if (after?.view !== this.#number || missed < 0 || missed > this.#kept.length) {
      this.refresh(reader)
      return
    }
    reader.start(undefined)
    for (const item of this.#kept.slice(this.#kept.length - missed)) reader.offer(item)
  }

  refresh(reader: LiveReader): void {
    if (this.#snapshot !== undefined) reader.start(this.#snapshot)
    else if (this.#changes === undefined) void this.#load()
  }

  leave(reader: LiveReader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) {
      this.#snapshot = undefined
      this.#table.setRead(this, false)
    }
  }

  /** Ends all readers. */
  end(): void {
    for (const reader of [...this.#readers]) reader.end()
  }

  /** Starts over: every reader gets a new snapshot, and ids of earlier items are no longer valid. */
  restart(): void {
    this.#number = this.#table.nextNumber()
    this.#itemCount = 0
    this.#kept = []
    this.#keptBytes = 0
    this.#snapshot = undefined
    for (const key of this.#keys) this.#table.setHeld(this, key, false)
    this.#keys.clear()
    for (const reader of this.#readers) reader.invalidate()
  }

  /** Notes a change of the table while a snapshot is read: the rows that were read may be older or newer than it. */
  noteChange(key: string, row: RowWrite['row']): void {
    this.#changes?.set(key, row)
  }

  /** A selected row was written. */
  put(key: string, row: NonNullable<RowWrite['row']>): void {
    const shown = this.selection.show({ key, ...row })
    if (shown === undefined) {
      this.remove(key)
      return
    }
    this.#hold(key)
    this.#emit((id) => putItem(id, shown))
    if (this.#keys.size > this.#table.limits.rowsMax) this.restart()
  }

  /** A row was deleted, or is no longer selected. */
  remove(key: string): void {
    if (!this.#keys.delete(key)) return
    this.#table.setHeld(this, key, false)
    this.#emit((id) => removeItem(id, key))
  }

  /** Forgets the kept changes up to a number. */
  forget(upToItem: number): void {
    for (let first = this.#itemCount - this.#kept.length + 1; first <= upToItem; first++)
      this.#keptBytes -= this.#kept.shift()?.bytes ?? 0
  }

  #hold(key: string): void {
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    this.#table.setHeld(this, key, true)
  }

  #emit(make: (id: string) => LiveItem): void {
    this.#itemCount++
    this.#snapshot = undefined
    const item = make(this.#placeId)
    this.#kept.push(item)
    this.#keptBytes += item.bytes
    while (this.#keptBytes > this.#table.limits.keptBytesMax) this.forget(this.#itemCount - this.#kept.length + 1)
    this.#table.keepChange(this, this.#itemCount)
    for (const reader of this.#readers) reader.offer(item)
  }

  get #placeId(): string {
    return placeId({ run: this.#table.run, view: this.#number, item: this.#itemCount })
  }

  async #load(): Promise<void> {
    this.#table.setLoading(this, true)
    try {
      // Readers that waited for the snapshot may have left.
      while (this.#readers.size > 0) {
        const number = this.#number
        // If a commit's outcome is unknown, it is never reported. If an earlier commit of the same row were reported only later, it would
        // look newer than the row that is read. So this waits for all commits in progress first.
        this.#changes ??= new Map()
        await this.#table.caughtUp()
        const changes = new Map<string, RowWrite['row']>()
        this.#changes = changes
        const rows = await this.#readUnlessRestarted(number)
        // No await from here to the end, so that readers get every later change.
        if (this.#number !== number || changes.size > this.#table.limits.rowsMax) continue
        if (this.#readers.size > 0) this.#show(rows ?? [], changes)
        break
      }
    } catch (error) {
      for (const reader of [...this.#readers]) if (reader.waiting) reader.end(error)
    }
    this.#changes = undefined
    this.#table.setLoading(this, false)
  }

  // A read of a generation that is switched in the meantime may fail; it is repeated on the next one.
  async #readUnlessRestarted(number: number): Promise<readonly StoredRow[] | undefined> {
    try {
      const rows = await this.#table.read(this.selection)
      await this.#table.caughtUp()
      return rows
    } catch (error) {
      if (this.#number !== number) return undefined
      throw error
    }
  }

  // Every change that the read may have seen was reported, so the last reported change of a key is at least as new as the row that was read.
  #show(rows: readonly StoredRow[], changes: ReadonlyMap<string, RowWrite['row']>): void {
    const { where, declaration } = this.selection
    const present = new Map<string, ReadRow>(rows.map((row) => [row.key, row]))
    for (const [key, row] of changes) {
      if (row !== null && this.#table.matches(where, row)) present.set(key, { key, ...row })
      else present.delete(key)
    }
    const newestFirst = [...present.values()].sort((a, b) => compareText(b.key, a.key))
    const shown = this.#withinBounds(newestFirst.slice(0, declaration.newest))
    for (const { key } of shown) this.#hold(key)
    const snapshot = snapshotItem(this.#placeId, shown)
    this.#snapshot = snapshot
    for (const reader of this.#readers) if (reader.waiting) reader.start(snapshot)
  }

  // The newest rows that fit, in the order of their keys.
  #withinBounds(newestFirst: readonly ReadRow[]): readonly ShownRow[] {
    const shown: ShownRow[] = []
    let bytes = 0
    for (const row of newestFirst) {
      const each = this.selection.show(row)
      if (each === undefined) continue
      // A UTF-16 unit takes at most three bytes.
      bytes += each.json.length * 3
      if (bytes > this.#table.limits.snapshotBytesMax && shown.length > 0) break
      shown.push(each)
    }
    return shown.reverse()
  }
}
