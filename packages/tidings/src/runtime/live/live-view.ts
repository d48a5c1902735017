// What one live query shows of one value of its index, for all who read it: the rows they were given, and the latest changes for those
// who come back. Invariant: a reader that takes a snapshot and what follows it has, after each item, exactly the rows that the
// commits heard of so far have left; nothing is missed between the two, and no row ever goes back to what it was before.

import { compareText, type RowWrite, type StoredRow } from '../../ports/index.ts'
import type { LiveDeclaration, LiveWhere } from '../../services/index.ts'
import { type LiveItem, placeId, putItem, removeItem, type ShownRow, snapshotItem } from './live-item.ts'
import type { LiveReader, LiveSupply } from './live-reader.ts'

/** A row as it is kept. */
export type ReadRow = Pick<StoredRow, 'key' | 'schemaVersion' | 'json'>

/** What a picture shows. */
export interface PictureOf {
  readonly declaration: LiveDeclaration
  /** All rows where absent. */
  readonly where: LiveWhere | undefined
  /** Whether a row that was written is one of them. */
  readonly matches: (row: NonNullable<RowWrite['row']>) => boolean
  /** The public form of a row; `undefined` where it is hidden. */
  readonly show: (row: ReadRow) => ShownRow | undefined
}

/** The table a picture is of, and who keeps it. */
export interface PictureHome {
  /** Names this run of the service. */
  readonly run: string
  /** The most rows that readers may have been given before all of them begin anew. */
  readonly rowsMax: number
  /** The most bytes of changes that are kept for readers who come back. */
  readonly keptBytesMax: number
  /** The most bytes of a snapshot. */
  readonly snapshotBytesMax: number
  nextNumber(): number
  /** The rows that match, the last by their keys first. */
  read(of: PictureOf): Promise<readonly StoredRow[]>
  /** Resolves when every change that a read before may have seen has been told here. */
  caughtUp(): Promise<void>
  /** A key was given to readers, or taken from them. */
  holds(picture: LiveView, key: string, held: boolean): void
  /** A change is kept, under its number. */
  keeps(picture: LiveView, item: number): void
  /** It has to hear of every change of the table, or not any more. */
  loads(picture: LiveView, loading: boolean): void
  /** Somebody reads it now, or nobody does any more. */
  isRead(picture: LiveView, read: boolean): void
}

/** The rows of a live query and their readers. */
export class LiveView implements LiveSupply {
  readonly of: PictureOf
  readonly #home: PictureHome
  readonly #readers = new Set<LiveReader>()
  /** The keys that readers may have: only of those anybody needs to hear that they are gone. */
  readonly #keys = new Set<string>()
  #number: number
  #itemCount = 0
  #kept: LiveItem[] = []
  #keptBytes = 0
  #snapshot: LiveItem | undefined
  /** What was told while a snapshot is read, by key; `undefined` while none is. */
  #changes: Map<string, RowWrite['row']> | undefined

  constructor(of: PictureOf, home: PictureHome) {
    this.of = of
    this.#home = home
    this.#number = home.nextNumber()
  }

  /** Its number: changes whenever all readers begin anew. */
  get number(): number {
    return this.#number
  }

  /** Takes a reader in: from where it stood, if all that came since is kept; otherwise it gets a snapshot. */
  join(reader: LiveReader, after: { readonly picture: number; readonly item: number } | undefined): void {
    this.#readers.add(reader)
    if (this.#readers.size === 1) this.#home.isRead(this, true)
    const missed = this.#itemCount - (after?.item ?? 0)
    if (after?.picture !== this.#number || missed < 0 || missed > this.#kept.length) {
      this.refresh(reader)
      return
    }
    reader.begin(undefined)
    for (const item of this.#kept.slice(this.#kept.length - missed)) reader.offer(item)
  }

  refresh(reader: LiveReader): void {
    if (this.#snapshot !== undefined) reader.begin(this.#snapshot)
    else if (this.#changes === undefined) void this.#load()
  }

  leave(reader: LiveReader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) {
      this.#snapshot = undefined
      this.#home.isRead(this, false)
    }
  }

  /** Ends all readers. */
  end(): void {
    for (const reader of [...this.#readers]) reader.end()
  }

  /** Begins anew: every reader gets a snapshot, and no place of before is known any more. */
  beginAnew(): void {
    this.#number = this.#home.nextNumber()
    this.#itemCount = 0
    this.#kept = []
    this.#keptBytes = 0
    this.#snapshot = undefined
    for (const key of this.#keys) this.#home.holds(this, key, false)
    this.#keys.clear()
    for (const reader of this.#readers) reader.miss()
  }

  /** Hears of every change of the table while a snapshot is read: what it has read may be older, or newer. */
  noteChange(key: string, row: RowWrite['row']): void {
    this.#changes?.set(key, row)
  }

  /** A row that matches was written. */
  put(key: string, row: NonNullable<RowWrite['row']>): void {
    const shown = this.of.show({ key, ...row })
    if (shown === undefined) {
      this.remove(key)
      return
    }
    this.#hold(key)
    this.#tell((id) => putItem(id, shown))
    if (this.#keys.size > this.#home.rowsMax) this.beginAnew()
  }

  /** A row does not match any more, or is gone. */
  remove(key: string): void {
    if (!this.#keys.delete(key)) return
    this.#home.holds(this, key, false)
    this.#tell((id) => removeItem(id, key))
  }

  /** Forgets the changes it has kept up to a number. */
  forget(upToItem: number): void {
    for (let first = this.#itemCount - this.#kept.length + 1; first <= upToItem; first++)
      this.#keptBytes -= this.#kept.shift()?.bytes ?? 0
  }

  #hold(key: string): void {
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    this.#home.holds(this, key, true)
  }

  #tell(make: (id: string) => LiveItem): void {
    this.#itemCount++
    this.#snapshot = undefined
    const item = make(this.#placeId)
    this.#kept.push(item)
    this.#keptBytes += item.bytes
    while (this.#keptBytes > this.#home.keptBytesMax) this.forget(this.#itemCount - this.#kept.length + 1)
    this.#home.keeps(this, this.#itemCount)
    for (const reader of this.#readers) reader.offer(item)
  }

  get #placeId(): string {
    return placeId({ run: this.#home.run, picture: this.#number, item: this.#itemCount })
  }

  async #load(): Promise<void> {
    this.#home.loads(this, true)
    try {
      // Who has waited for it may have gone.
      while (this.#readers.size > 0) {
        const number = this.#number
        // A commit whose outcome nobody knows is never told of. One that came before it may still be on its way to be told, and would
        // seem newer than what is read: so all that is on its way comes first.
        this.#changes ??= new Map()
        await this.#home.caughtUp()
        const changes = new Map<string, RowWrite['row']>()
        this.#changes = changes
        const rows = await this.#readUnlessAnew(number)
        // From here to the end nothing comes between: whatever is told later, the readers hear of.
        if (this.#number !== number || changes.size > this.#home.rowsMax) continue
        if (this.#readers.size > 0) this.#show(rows ?? [], changes)
        break
      }
    } catch (error) {
      for (const reader of [...this.#readers]) if (reader.waiting) reader.end(error)
    }
    this.#changes = undefined
    this.#home.loads(this, false)
  }

  // A read of a generation that was switched off meanwhile may fail; it is repeated on the next one.
  async #readUnlessAnew(number: number): Promise<readonly StoredRow[] | undefined> {
    try {
      const rows = await this.#home.read(this.of)
      await this.#home.caughtUp()
      return rows
    } catch (error) {
      if (this.#number !== number) return undefined
      throw error
    }
  }

  // All that the read may have seen has been told, so what was told last of a key is as new as what was read of it, or newer.
  #show(rows: readonly StoredRow[], changes: ReadonlyMap<string, RowWrite['row']>): void {
    const present = new Map<string, ReadRow>(rows.map((row) => [row.key, row]))
    for (const [key, row] of changes) {
      if (row !== null && this.of.matches(row)) present.set(key, { key, ...row })
      else present.delete(key)
    }
    const newestFirst = [...present.values()].sort((a, b) => compareText(b.key, a.key))
    const shown = this.#withinBounds(newestFirst.slice(0, this.of.declaration.newest))
    for (const { key } of shown) this.#hold(key)
    const snapshot = snapshotItem(this.#placeId, shown)
    this.#snapshot = snapshot
    for (const reader of this.#readers) if (reader.waiting) reader.begin(snapshot)
  }

  // The newest rows that fit, in the order of their keys.
  #withinBounds(newestFirst: readonly ReadRow[]): readonly ShownRow[] {
    const shown: ShownRow[] = []
    let bytes = 0
    for (const row of newestFirst) {
      const each = this.of.show(row)
      if (each === undefined) continue
      // Three bytes for a unit of UTF-16 are the most.
      bytes += each.json.length * 3
      if (bytes > this.#home.snapshotBytesMax && shown.length > 0) break
      shown.push(each)
    }
    return shown.reverse()
  }
}
