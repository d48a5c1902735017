// What every instance of a service commits on a store that they share, in the order of its revisions: read from the changes that the store notes, and
// passed on to the tables that are shown live here. Invariant: what was committed is passed on, or the readers get new snapshots; no row goes back to
// an older state.

import { TidingsError } from '../../errors/index.ts'
import type { RowChange, RowWrite, StoredRow } from '../../ports/index.ts'
import { pollSlackMs } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { summarizeError } from '../failures/error-summary.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { LiveTable } from './live-table.ts'
import { writeOf } from './stored-write.ts'

/** The tables that are shown live. */
export interface ShownTables {
  /** By its name in the store; `undefined` if nobody reads it. */
  of(physical: string): LiveTable | undefined
  /** Whether there are any. */
  areThere(): boolean
  /** Changes were missed: all readers need new snapshots. */
  restart(): void
}

/** Changes up to a revision. */
interface Stretch {
  readonly changes: readonly RowChange[]
  readonly upTo: number
}

/** The last change of each row, by table and key, and the row as it is now. */
type ReadRows = Map<LiveTable, Map<string, { readonly revision: number; stored: StoredRow | undefined }>>

const pageCountMax = 1_000

/** Follows the changes of a shared store while tables of it are shown live. */
export class SharedChanges {
  readonly #core: ServiceCore
  readonly #tables: ShownTables
  readonly #noted = new Map<string, Promise<void>>()
  /** The rows of own commits that were not passed on yet, by revision. */
  readonly #own = new Map<number, readonly RowWrite[]>()
  /** What was committed up to here was passed on; `undefined` before the first look. */
  #passedUpTo: number | undefined
  #present: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #isWoken = false
  #hasFailed = false
  #isClosed = false
  #rest: (() => void) | undefined

  constructor(core: ServiceCore, tables: ShownTables) {
    this.#core = core
    this.#tables = tables
  }

  /** Takes the rows of an own commit: they are passed on in their place, and need not be read. */
  committed(rows: readonly RowWrite[], revision: number): void {
    if (revision <= (this.#passedUpTo ?? 0)) return
    const shown = rows.filter(({ table }) => this.#tables.of(table) !== undefined)
    if (shown.length === 0) return
    this.#own.set(revision, shown)
    const [oldest] = this.#own.keys()
    // Without its rows, an own commit is read like any other.
    if (this.#own.size > this.#core.service.limits.changesKeptMax && oldest !== undefined) this.#own.delete(oldest)
    this.wake()
  }

  /** Looks for changes soon. */
  wake(): void {
    if (this.#isWoken || this.#isClosed) return
    this.#isWoken = true
    this.#core.environment.timeouts.soon(() => {
      this.#isWoken = false
      this.catchUp().then(
        () => {
          this.#hasFailed = false
        },
        (error: unknown) => this.#noteFailure(error),
      )
    })
  }

  /** Resolves when everything that was committed before the call, by any instance, was passed on. */
  catchUp(): Promise<void> {
    // A look that is under way may have read the changes before the call.
    this.#next ??= this.#present
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        this.#present = this.#look()
        return this.#present
      })
    return this.#next
  }

  /** Has the changes of a table noted: call it before a snapshot of the table is read. */
  note(physical: string): Promise<void> {
    const known = this.#noted.get(physical)
    if (known !== undefined) return known
    const { store, service } = this.#core
    const noting = (async () =>
      store.noteChanges?.({ tables: [physical], countMax: service.limits.changesKeptMax }))().catch(
      (error: unknown) => {
        this.#noted.delete(physical)
        throw error
      },
    )
    this.#noted.set(physical, noting)
    return noting
  }

  close(): void {
    this.#isClosed = true
    this.#rest?.()
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return
    if (!this.#tables.areThere()) {
      this.#rest?.()
      return
    }
    this.#rest ??= this.#begin()
    if (this.#passedUpTo === undefined) {
      await this.#beginHere()
      return
    }
    let stretch = await this.#readAfter(this.#passedUpTo)
    while (stretch !== undefined && stretch.changes.length > 0) stretch = await this.#passOn(stretch)
    if (stretch !== undefined) this.#moveTo(stretch.upTo)
  }

  // Snapshots are read after this, so only later changes matter. Another instance may have switched read models while nobody read here.
  async #beginHere(): Promise<void> {
    const { store, readModels, generations } = this.#core
    if (readModels.length > 0) await this.note(systemTables.readModels)
    const end = await store.readChanges?.({ after: undefined, limit: 1 })
    await generations.refreshAll(store, readModels)
    this.#moveTo(end?.next ?? 0)
  }

  #begin(): () => void {
    const { broker, environment, service } = this.#core
    const { pollMs } = service.limits
    const unwatch = broker.watch(service.name, () => this.wake())
    let cancel = () => {}
    const lookLater = () => {
      const look = () => {
        this.wake()
        lookLater()
      }
      cancel = environment.timeouts.after(pollMs, look, { slackMs: pollSlackMs(pollMs, pollMs) })
    }
    lookLater()
    return () => {
      unwatch()
      cancel()
      this.#rest = undefined
      this.#passedUpTo = undefined
      this.#own.clear()
    }
  }

  /** All changes after a revision; `undefined` if some are no longer there, and the readers get new snapshots. */
  async #readAfter(after: number): Promise<Stretch | undefined> {
    const changes: RowChange[] = []
    for (let upTo = after; ; ) {
      const page = await this.#core.store.readChanges?.({ after: upTo, limit: pageCountMax })
      if (page === undefined) throw new TidingsError('INVARIANT', 'Invariant broken: a shared store notes changes')
      if (!page.isComplete) {
        this.#moveTo(page.next)
        this.#tables.restart()
        return undefined
      }
      changes.push(...page.changes)
      upTo = page.next
      if (page.changes.length < pageCountMax) return { changes, upTo }
    }
  }

  /** Passes on the first part of a stretch, so that few rows are in memory at once; returns the rest. */
  async #passOn(stretch: Stretch): Promise<Stretch | undefined> {
    const changes = firstPart(stretch.changes)
    let rest: Stretch = { changes: stretch.changes.slice(changes.length), upTo: stretch.upTo }
    await this.#followSwitches(changes)
    const rows = this.#lastChanges(changes)
    if (await this.#readRows(rows)) {
      const later = await this.#readAfter(rest.upTo)
      if (later === undefined) return undefined
      rest = { changes: [...rest.changes, ...later.changes], upTo: later.upTo }
      this.#leaveGone(rows, rest.changes)
    }
    // No await from here to the end, so that no later change comes before an earlier one.
    const own = new Set<number>()
    for (const change of changes) {
      const writes = this.#own.get(change.revision)
      if (writes === undefined) this.#passOnRead(change, rows)
      else if (!own.has(change.revision)) {
        own.add(change.revision)
        for (const write of writes) this.#give(write, change.revision)
      }
    }
    this.#moveTo(changes.at(-1)?.revision ?? rest.upTo)
    return rest
  }

  // A row that is gone has no revision. If it changes later on, it is passed on then; otherwise an older state could follow its end.
  #leaveGone(rows: ReadRows, later: readonly RowChange[]): void {
    for (const { table, key } of later) {
      const live = this.#tables.of(table)
      const changed = live === undefined ? undefined : rows.get(live)
      if (changed?.get(key)?.stored === undefined) changed?.delete(key)
    }
  }

  #passOnRead({ table, key, revision }: RowChange, rows: ReadRows): void {
    const live = this.#tables.of(table)
    const last = live === undefined ? undefined : rows.get(live)?.get(key)
    if (live === undefined || last?.revision !== revision) return
    this.#give(writeOf(table, live.bound, key, last.stored), last.stored?.revision ?? revision)
  }

  #give(write: RowWrite, revision: number): void {
    const live = this.#tables.of(write.table)
    if (live !== undefined && !live.knows(write.key, revision)) live.change(write, revision)
  }

  async #followSwitches(changes: readonly RowChange[]): Promise<void> {
    const { store, readModels, generations } = this.#core
    const isChanged = ({ subscriber }: ReadModel) =>
      changes.some(({ table, key }) => table === systemTables.readModels && key === subscriber)
    await generations.refreshAll(store, readModels.filter(isChanged))
  }

  #lastChanges(changes: readonly RowChange[]): ReadRows {
    const rows: ReadRows = new Map()
    for (const { table, key, revision } of changes) {
      const live = this.#tables.of(table)
      if (live === undefined || this.#own.has(revision) || live.knows(key, revision)) continue
      const ofTable = rows.get(live) ?? new Map()
      rows.set(live, ofTable.set(key, { revision, stored: undefined }))
    }
    return rows
  }

  /** Reads the rows that were changed; returns whether any is gone. */
  async #readRows(rows: ReadRows): Promise<boolean> {
    let isAnyGone = false
    for (const [live, changed] of rows) {
      const { physical } = live
      const keys = [...changed.keys()]
      for (let from = 0; from < keys.length; from += pageCountMax) {
        const page = keys.slice(from, from + pageCountMax)
        const found = await this.#core.store.getMany(physical, page)
        for (const [index, key] of page.entries()) {
          const change = changed.get(key)
          if (change !== undefined) change.stored = found[index]
          if (found[index] === undefined) isAnyGone = true
        }
      }
    }
    return isAnyGone
  }

  #moveTo(revision: number): void {
    this.#passedUpTo = revision
    for (const own of this.#own.keys()) if (own <= revision) this.#own.delete(own)
  }

  #noteFailure(error: unknown): void {
    if (this.#hasFailed || this.#isClosed) return
    this.#hasFailed = true
    const { code, message } = summarizeError(error)
    const next = 'npx tidings status'
    this.#core.log.warn('Live queries do not see what other instances change, and try again', {
      code,
      error: message,
      next,
    })
  }
}

// About a page of changes, and whole commits.
function firstPart(changes: readonly RowChange[]): readonly RowChange[] {
  const last = changes[pageCountMax - 1]?.revision
  if (last === undefined) return changes
  const end = changes.findIndex(({ revision }, index) => index >= pageCountMax && revision !== last)
  return end === -1 ? changes : changes.slice(0, end)
}
