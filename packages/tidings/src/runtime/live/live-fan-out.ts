// The live queries of a service: passes each commit on to the readers of its rows; no commit waits for a reader. Where other instances share the store,
// what they commit is passed on too; otherwise nothing is polled.
// Invariant: the limits of the service bound how many readers and views there are, and what is kept for them.

import { callerOf, type PrincipalInput, toJson, validate } from '../../contracts/index.ts'
import { isTidingsError, TidingsError } from '../../errors/index.ts'
import type { CommitUnit, RowWrite } from '../../ports/index.ts'
import type { LiveDeclaration, LiveWhere } from '../../services/index.ts'
import { newestMax } from '../../services/live.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { AnswerContext, answerBytesMax, tooSlow } from '../queries/answer-query.ts'
import { currentReadModels } from '../queries/current-read-models.ts'
import type { BoundTable } from '../tables/bind-tables.ts'
import type { CommitWatcher } from '../unit-of-work/commits-under-way.ts'
import { ofCaller } from '../unit-of-work/origin.ts'
import { parsePlace } from './live-item.ts'
import { LiveReader } from './live-reader.ts'
import { LiveTable, type LiveTableContext } from './live-table.ts'
import type { LiveView } from './live-view.ts'
import { SharedChanges } from './shared-changes.ts'
import { showRow } from './show-row.ts'

/** Options of reading a live query. */
export interface LiveReadOptions {
  /** Who reads: an id, or an id with tenant, roles and claims. Default: nobody. */
  readonly principal?: PrincipalInput | null
  /** The conversation it belongs to. Default: a new one. */
  readonly correlationId?: string
  /** The id of the last item that was read; reading continues after it. By default, or if that is not possible, a snapshot comes first. */
  readonly after?: string
}

interface UnreadView {
  readonly table: LiveTable
  readonly cancel: () => void
}

interface Change {
  readonly table: LiveTable
  readonly write: RowWrite
  readonly revision: number
}

/** The readers of a service's live queries. */
export class LiveFanOut implements CommitWatcher {
  readonly #core: ServiceCore
  readonly #declarations: ReadonlyMap<string, LiveDeclaration>
  readonly #tables = new Map<string, LiveTable>()
  /** Views without readers, those that lost them first at the front. They stay for a while, so that a reader can reconnect. */
  readonly #unread = new Map<LiveView, UnreadView>()
  /** Changes that were committed and not passed on yet. */
  #changes: Change[] = []
  /** What is committed on the store, if other instances share it. */
  readonly #shared: SharedChanges | undefined
  /** Made when the first reader comes. */
  #context: LiveTableContext | undefined
  #lastNumber = 0
  #viewCount = 0
  #readerCount = 0
  #closed = false

  constructor(core: ServiceCore) {
    this.#core = core
    this.#declarations = new Map(core.service.liveQueries.map((declaration) => [declaration.live.name, declaration]))
    this.#shared = core.sharesStore ? this.#sharedChanges() : undefined
    if (this.#declarations.size > 0) core.watch(this)
  }

  /**
   * Reads a live query; resolves when its first item is there.
   *
   * Throws `UNKNOWN_LIVE_QUERY`, `INVALID_PAYLOAD`, `PAYLOAD_…`, `STORE_UNAVAILABLE` if there are too many readers, or what `where` threw.
   */
  async read(name: string, input: unknown, options: LiveReadOptions): Promise<LiveReader> {
    const declaration = this.#declarations.get(name)
    if (declaration === undefined) {
      throw new TidingsError(
        'UNKNOWN_LIVE_QUERY',
        `Service ${this.#core.service.name} has no live query ${JSON.stringify(String(name).slice(0, 120))}.`,
        { details: { liveQueries: [...this.#declarations.keys()] } },
      )
    }
    const what = `The input of live query ${name}`
    const data = validate(what, declaration.live.input, input)
    if (data !== undefined) toJson(what, data, this.#core.service.limits)
    this.#countReader()
    const reader = await this.#open(declaration, data, options).catch((error: unknown) => {
      this.#readerCount--
      throw error
    })
    await reader.started()
    return reader
  }

  /** Takes the rows of a commit; they are passed on to their readers after the committer has continued. */
  committed(commit: CommitUnit, revision: number): void {
    if (this.#tables.size === 0) return
    if (this.#shared !== undefined) {
      this.#shared.committed(commit.rows, revision)
      return
    }
    const isScheduled = this.#changes.length > 0
    for (const write of commit.rows) {
      const table = this.#tables.get(write.table)
      if (table !== undefined) this.#changes.push({ table, write, revision })
    }
    if (!isScheduled && this.#changes.length > 0) this.#core.environment.timeouts.soon(() => this.#passOn())
  }

  /** A commit failed; if its outcome is unknown, its tables are read again. */
  failed(commit: CommitUnit, error: unknown): void {
    if (this.#tables.size === 0 || !isTidingsError(error, 'STORE_UNAVAILABLE')) return
    // If it was applied, the store has noted its changes.
    if (this.#shared !== undefined) {
      this.#shared.wake()
      return
    }
    const touched = new Set(commit.rows.map(({ table }) => this.#tables.get(table)))
    for (const table of touched) table?.restart()
  }

  /** Ends every reader. */
  close(): void {
    this.#closed = true
    this.#shared?.close()
    for (const { cancel } of this.#unread.values()) cancel()
    for (const table of this.#tables.values()) for (const view of table.views) view.end()
    this.#tables.clear()
  }

  #countReader(): void {
    const { liveReadersMax } = this.#core.service.limits
    if (this.#readerCount >= liveReadersMax) {
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Live queries of ${this.#core.service.name} already have ${liveReadersMax} readers; that is its liveReadersMax.`,
        { hint: 'Read again later, or raise liveReadersMax for this service.' },
      )
    }
    this.#readerCount++
  }

  async #open(declaration: LiveDeclaration, data: unknown, options: LiveReadOptions): Promise<LiveReader> {
    const where = await this.#whereOf(declaration, data, options)
    // A snapshot that is at hand may be older than what another instance has shown to the same reader.
    await this.#shared?.catchUp()
    if (this.#closed) throw new TidingsError('CLOSED', `Service ${this.#core.service.name} is closing.`)
    this.#context ??= this.#start()
    const table = this.#tableOf(declaration.of, this.#context)
    const sizeBefore = table.size
    const view = table.view({ declaration, where, show: (row) => showRow(this.#core, declaration, table.bound, row) })
    if (table.size > sizeBefore) this.#makeRoom()
    const source = {
      refresh: (reader: LiveReader) => view.refresh(reader),
      leave: (reader: LiveReader) => {
        this.#readerCount--
        view.leave(reader)
      },
    }
    const reader = new LiveReader(source, this.#core.service.limits.liveBufferBytesMax)
    const place = options.after === undefined ? undefined : parsePlace(options.after)
    view.join(reader, place?.run === this.#context.run ? place : undefined)
    return reader
  }

  async #whereOf(
    declaration: LiveDeclaration,
    data: unknown,
    options: LiveReadOptions,
  ): Promise<LiveWhere | undefined> {
    if (declaration.where === undefined) return undefined
    const { service, environment } = this.#core
    const caller = callerOf(`live query ${declaration.live.name}`, options.principal)
    const id = environment.ids.next()
    const readModels = this.#core.sharesStore ? await currentReadModels(this.#core) : this.#core
    const origin = {
      service: service.name,
      correlationId: options.correlationId ?? id,
      causationId: id,
      causedBy: `live/${declaration.live.name}`,
      ...ofCaller(caller),
      traceparent: null,
      tracestate: null,
      occurredAt: environment.clock.now(),
    }
    const context = new AnswerContext(this.#core, origin, readModels)
    const { live, where: select } = declaration
    const selecting = async () => (await select(data, context)) as LiveWhere
    const where = await this.#core.timeLimit.guard(selecting(), () => tooSlow(this.#core, `Live query ${live.name}`))
    const { indexes } = this.#boundOf(declaration.of)
    if (!indexes.includes(where.index) || !['string', 'number', 'boolean'].includes(typeof where.value)) {
      throw new TidingsError(
        'NOT_DECLARED',
        `Live query ${declaration.live.name} selects rows of ${declaration.of} by ${JSON.stringify(where.index)}, which is not one of its indexes, or by a value that is not a string, number or boolean.`,
        { details: { indexes } },
      )
    }
    return { index: where.index, value: where.value }
  }

  #boundOf(name: string): BoundTable {
    const { tables, readModelTables, replicaTables } = this.#core
    const group = [tables, readModelTables, replicaTables].find((each) => Object.hasOwn(each, name))
    const bound = group?.[name]
    if (bound === undefined) throw new TidingsError('INVARIANT', `Invariant broken: ${name} was checked to be there`)
    return bound
  }

  #tableOf(name: string, context: LiveTableContext): LiveTable {
    const bound = this.#boundOf(name)
    const known = this.#tables.get(bound.physical())
    if (known !== undefined) return known
    const table = new LiveTable(bound, context)
    this.#tables.set(table.physical, table)
    return table
  }

  #start(): LiveTableContext {
    const { store, service, environment, generations, underWay } = this.#core
    const { liveChangesKeptMax, liveBufferBytesMax } = service.limits
    generations.switched.listen(() => this.#followGenerations())
    return {
      run: environment.ids.next(),
      limits: {
        keptMax: liveChangesKeptMax,
        rowsMax: newestMax + liveChangesKeptMax,
        keptBytesMax: liveBufferBytesMax,
        snapshotBytesMax: answerBytesMax,
      },
      nextNumber: () => ++this.#lastNumber,
      find: async (physical, where, limit) => {
        await this.#shared?.note(physical)
        return store.find({
          table: physical,
          limit,
          reverse: true,
          ...(where === undefined ? {} : { index: { column: where.index, equals: where.value } }),
        })
      },
      caughtUp: async () => {
        if (this.#shared !== undefined) return this.#shared.catchUp()
        await underWay.answered()
        this.#passOn()
      },
      setRead: (table, view, read) => this.#setRead(table, view, read),
    }
  }

  #sharedChanges(): SharedChanges {
    return new SharedChanges(this.#core, {
      of: (physical) => this.#tables.get(physical),
      areThere: () => this.#tables.size > 0,
      restart: () => {
        for (const table of this.#tables.values()) table.restart()
      },
    })
  }

  #setRead(table: LiveTable, view: LiveView, read: boolean): void {
    this.#unread.get(view)?.cancel()
    this.#unread.delete(view)
    if (read || this.#closed) return
    const { timeouts } = this.#core.environment
    const cancel = timeouts.after(this.#core.service.limits.liveResumeMs, () => this.#drop(view))
    this.#unread.set(view, { table, cancel })
  }

  #makeRoom(): void {
    this.#viewCount++
    if (this.#viewCount <= this.#core.service.limits.liveReadersMax) return
    const [longestUnread] = this.#unread.keys()
    if (longestUnread !== undefined) this.#drop(longestUnread)
  }

  #drop(view: LiveView): void {
    const unread = this.#unread.get(view)
    if (unread === undefined) return
    unread.cancel()
    this.#unread.delete(view)
    unread.table.drop(view)
    this.#viewCount--
    if (unread.table.size === 0) this.#tables.delete(unread.table.physical)
  }

  #passOn(): void {
    const changes = this.#changes
    this.#changes = []
    // Writes into a generation that no longer serves reads concern no reader.
    for (const { table, write, revision } of changes) if (table.physical === write.table) table.change(write, revision)
  }

  #followGenerations(): void {
    for (const table of [...this.#tables.values()]) {
      const before = table.physical
      if (before === table.bound.physical()) continue
      table.restart()
      this.#tables.delete(before)
      this.#tables.set(table.physical, table)
    }
  }
}
