// A table that live queries show: leads each change to the pictures it concerns, and keeps the latest ones for readers who come back.
// Invariant: the changes of a row are told in the order of their commits; one that comes late is passed over.

import type { RowWrite, StoredRow } from '../../ports/index.ts'
import type { LiveWhere } from '../../services/index.ts'
import type { BoundTable } from '../tables/bind-tables.ts'
import { LiveView, type PictureHome, type PictureOf } from './live-view.ts'

/** What a table needs of the service. */
export interface LiveTableHost extends Omit<PictureHome, 'read' | 'holds' | 'keeps' | 'loads'> {
  /** The most changes kept. */
  readonly keptMax: number
  /** The rows of a table that match, the last by their keys first. */
  find(table: string, where: LiveWhere | undefined, limit: number): Promise<readonly StoredRow[]>
}

/** The pictures of one table. */
export class LiveTable {
  readonly bound: BoundTable
  /** The table's name in the store, as long as its generation serves reads. */
  physical: string
  readonly #environment: LiveTableHost
  readonly #home: PictureHome
  readonly #pictures = new Map<string, LiveView>()
  readonly #routes = new Map<string, Set<LiveView>>()
  readonly #holders = new Map<string, Set<LiveView>>()
  readonly #loading = new Set<LiveView>()
  /** The revision of each row that changed lately. */
  readonly #revisions = new Map<string, number>()
  /** Whose changes are kept, the oldest first. */
  #kept: { readonly picture: LiveView; readonly number: number; readonly item: number }[] = []
  #keptFrom = 0

  constructor(bound: BoundTable, environment: LiveTableHost) {
    this.bound = bound
    this.physical = bound.physical()
    this.#environment = environment
    const { run, rowsMax, keptBytesMax, snapshotBytesMax } = environment
    this.#home = {
      run,
      rowsMax,
      keptBytesMax,
      snapshotBytesMax,
      caughtUp: () => environment.caughtUp(),
      nextNumber: () => environment.nextNumber(),
      isRead: (picture, read) => environment.isRead(picture, read),
      read: ({ where, declaration }) => environment.find(this.physical, where, declaration.newest),
      holds: (picture, key, held) => this.#holds(picture, key, held),
      keeps: (picture, item) => this.#keeps(picture, item),
      loads: (picture, loading) => (loading ? this.#loading.add(picture) : this.#loading.delete(picture)),
    }
  }

  get pictures(): Iterable<LiveView> {
    return this.#pictures.values()
  }

  get size(): number {
    return this.#pictures.size
  }

  /** The picture of some rows; made where there is none. */
  picture(of: Omit<PictureOf, 'matches'>): LiveView {
    const { declaration, where } = of
    const id = `${declaration.live.name} ${routeOf(where)}`
    const known = this.#pictures.get(id)
    if (known !== undefined) return known
    const picture = new LiveView({ ...of, matches: this.#matching(where) }, this.#home)
    this.#pictures.set(id, picture)
    const route = routeOf(where)
    this.#routes.set(route, (this.#routes.get(route) ?? new Set()).add(picture))
    return picture
  }

  /** Lets a picture go that nobody reads. */
  drop(picture: LiveView): void {
    picture.beginAnew()
    const { declaration, where } = picture.of
    const route = routeOf(where)
    this.#pictures.delete(`${declaration.live.name} ${route}`)
    const along = this.#routes.get(route)
    along?.delete(picture)
    if (along?.size === 0) this.#routes.delete(route)
  }

  /** A row was written by the commit of a revision. */
  change({ key, row }: RowWrite, revision: number): void {
    if ((this.#revisions.get(key) ?? 0) > revision) return
    this.#revisions.delete(key)
    this.#revisions.set(key, revision)
    if (this.#revisions.size > this.#environment.keptMax) {
      const [oldest] = this.#revisions.keys()
      if (oldest !== undefined) this.#revisions.delete(oldest)
    }
    const concerned = row === null ? [] : this.#concerned(row)
    for (const picture of this.#loading) picture.noteChange(key, row)
    for (const picture of [...(this.#holders.get(key) ?? [])]) if (!concerned.includes(picture)) picture.remove(key)
    if (row !== null) for (const picture of concerned) picture.put(key, row)
  }

  /** The rows are not what they were told to be: a generation was switched, or a commit may or may not have happened. */
  beginAnew(): void {
    const physical = this.bound.physical()
    if (physical !== this.physical) this.#revisions.clear()
    this.physical = physical
    for (const picture of this.#pictures.values()) picture.beginAnew()
  }

  #matching(where: LiveWhere | undefined): PictureOf['matches'] {
    if (where === undefined) return () => true
    const column = this.bound.indexes.indexOf(where.index)
    return (row) => row.columns[column] === where.value
  }

  #concerned({ columns }: NonNullable<RowWrite['row']>): readonly LiveView[] {
    const concerned = [...(this.#routes.get('') ?? [])]
    this.bound.indexes.forEach((index, column) => {
      const value = columns[column]
      if (value === null || value === undefined) return
      concerned.push(...(this.#routes.get(routeOf({ index, value })) ?? []))
    })
    return concerned
  }

  #holds(picture: LiveView, key: string, held: boolean): void {
    const holders = this.#holders.get(key)
    if (held) this.#holders.set(key, (holders ?? new Set()).add(picture))
    else if (holders?.delete(picture) === true && holders.size === 0) this.#holders.delete(key)
  }

  #keeps(picture: LiveView, item: number): void {
    this.#kept.push({ picture, number: picture.number, item })
    if (this.#kept.length - this.#keptFrom <= this.#environment.keptMax) return
    const oldest = this.#kept[this.#keptFrom++]
    if (oldest?.picture.number === oldest?.number) oldest?.picture.forget(oldest.item)
    if (this.#keptFrom * 2 < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#keptFrom)
    this.#keptFrom = 0
  }
}

function routeOf(where: LiveWhere | undefined): string {
  return where === undefined ? '' : `${where.index} ${typeof where.value} ${where.value}`
}
