// A table that live queries show: passes each change to the views it concerns, and keeps the latest changes for readers that reconnect.
// Invariant: the changes of a row are passed on in the order of their commits; one that arrives late is skipped.

import type { RowWrite, StoredRow } from '../../ports/index.ts'
import type { LiveWhere } from '../../services/index.ts'
import type { BoundTable } from '../tables/bind-tables.ts'
import { type LiveSelection, LiveView, type LiveViewLimits, type LiveViewTable } from './live-view.ts'

/** What the tables of a service share. */
export interface LiveTableContext {
  /** Identifies this run of the service. */
  readonly run: string
  readonly limits: LiveViewLimits & {
    /** The most changes that a table keeps. */
    readonly keptMax: number
  }
  nextNumber(): number
  /** The rows of a table that match, in descending order of their keys. */
  find(table: string, where: LiveWhere | undefined, limit: number): Promise<readonly StoredRow[]>
  /** Resolves when every change that an earlier read may have seen was reported to the views. */
  caughtUp(): Promise<void>
  /** Called when a view gets its first reader, or loses its last one. */
  setRead(table: LiveTable, view: LiveView, read: boolean): void
}

/** The views of one table. */
export class LiveTable implements LiveViewTable {
  readonly bound: BoundTable
  readonly run: string
  readonly limits: LiveTableContext['limits']
  readonly #context: LiveTableContext
  #physical: string
  readonly #views = new Map<string, LiveView>()
  readonly #routes = new Map<string, Set<LiveView>>()
  readonly #holders = new Map<string, Set<LiveView>>()
  readonly #loading = new Set<LiveView>()
  /** The revision of each row that changed lately. */
  readonly #revisions = new Map<string, number>()
  /** The latest changes, oldest first, each with the view that keeps it. */
  #kept: { readonly view: LiveView; readonly number: number; readonly item: number }[] = []
  #keptFrom = 0

  constructor(bound: BoundTable, context: LiveTableContext) {
    this.bound = bound
    this.run = context.run
    this.limits = context.limits
    this.#context = context
    this.#physical = bound.physical()
  }

  /** The table's name in the store while its present generation serves reads. */
  get physical(): string {
    return this.#physical
  }

  get views(): Iterable<LiveView> {
    return this.#views.values()
  }

  get size(): number {
    return this.#views.size
  }

  /** The view of a selection; created if there is none. */
  view(selection: LiveSelection): LiveView {
    const id = idOf(selection)
    const known = this.#views.get(id)
    if (known !== undefined) return known
    const view = new LiveView(selection, this)
    this.#views.set(id, view)
    const route = routeOf(selection.where)
    this.#routes.set(route, (this.#routes.get(route) ?? new Set()).add(view))
    return view
  }

  /** Drops a view that has no readers. */
  drop(view: LiveView): void {
    view.restart()
    const route = routeOf(view.selection.where)
    this.#views.delete(idOf(view.selection))
    const sameRoute = this.#routes.get(route)
    sameRoute?.delete(view)
    if (sameRoute?.size === 0) this.#routes.delete(route)
  }

  /** Whether a change of a row was passed on, or a later one. */
  knows(key: string, revision: number): boolean {
    return (this.#revisions.get(key) ?? 0) >= revision
  }

  /** A row was written by the commit of a revision. */
  change({ key, row }: RowWrite, revision: number): void {
    if ((this.#revisions.get(key) ?? 0) > revision) return
    this.#revisions.delete(key)
    this.#revisions.set(key, revision)
    if (this.#revisions.size > this.limits.keptMax) {
      const [oldest] = this.#revisions.keys()
      if (oldest !== undefined) this.#revisions.delete(oldest)
    }
    const concerned = row === null ? [] : this.#concerned(row)
    for (const view of this.#loading) view.noteChange(key, row)
    for (const view of [...(this.#holders.get(key) ?? [])]) if (!concerned.includes(view)) view.remove(key)
    if (row !== null) for (const view of concerned) view.put(key, row)
  }

  /** Restarts all views: another generation serves reads, or it is unknown whether a commit was applied. */
  restart(): void {
    const physical = this.bound.physical()
    if (physical !== this.#physical) this.#revisions.clear()
    this.#physical = physical
    for (const view of this.#views.values()) view.restart()
  }

  nextNumber(): number {
    return this.#context.nextNumber()
  }

  matches(where: LiveWhere | undefined, row: NonNullable<RowWrite['row']>): boolean {
    return where === undefined || row.columns[this.bound.indexes.indexOf(where.index)] === where.value
  }

  read({ where, declaration }: LiveSelection): Promise<readonly StoredRow[]> {
    return this.#context.find(this.#physical, where, declaration.newest)
  }

  caughtUp(): Promise<void> {
    return this.#context.caughtUp()
  }

  setHeld(view: LiveView, key: string, held: boolean): void {
    const holders = this.#holders.get(key)
    if (held) this.#holders.set(key, (holders ?? new Set()).add(view))
    else if (holders?.delete(view) === true && holders.size === 0) this.#holders.delete(key)
  }

  keepChange(view: LiveView, item: number): void {
    this.#kept.push({ view, number: view.number, item })
    if (this.#kept.length - this.#keptFrom <= this.limits.keptMax) return
    const oldest = this.#kept[this.#keptFrom++]
    if (oldest?.view.number === oldest?.number) oldest?.view.forget(oldest.item)
    if (this.#keptFrom * 2 < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#keptFrom)
    this.#keptFrom = 0
  }

  setLoading(view: LiveView, loading: boolean): void {
    if (loading) this.#loading.add(view)
    else this.#loading.delete(view)
  }

  setRead(view: LiveView, read: boolean): void {
    this.#context.setRead(this, view, read)
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
}

function idOf({ declaration, where }: LiveSelection): string {
  return `${declaration.live.name} ${routeOf(where)}`
}

function routeOf(where: LiveWhere | undefined): string {
  return where === undefined ? '' : `${where.index} ${typeof where.value} ${where.value}`
}
