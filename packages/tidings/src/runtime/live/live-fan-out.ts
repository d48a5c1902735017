// The live queries of a service: who reads what, fed by the service's own commits. Nothing is polled, and nobody who commits waits.
// Invariant: readers, pictures and what is kept for them are bounded by the limits of the service.

import { toJson, validate } from '../../contracts/index.ts'
import { isTidingsError, TidingsError } from '../../errors/index.ts'
import type { CommitUnit, RowWrite } from '../../ports/index.ts'
import type { LiveDeclaration, LiveWhere } from '../../services/index.ts'
import { newestMax } from '../../services/live.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { AnswerContext, answerBytesMax } from '../queries/answer-query.ts'
import type { BoundTable } from '../tables/bind-tables.ts'
import type { CommitWatcher } from '../unit-of-work/commits-under-way.ts'
import { parsePlace } from './live-item.ts'
import { LiveReader } from './live-reader.ts'
import { LiveTable, type LiveTableHost } from './live-table.ts'
import type { LiveView } from './live-view.ts'
import { showRow } from './show-row.ts'

/** What may be said about reading a live query besides its input. */
export interface LiveReadOptions {
  /** Who reads. Default: nobody. */
  readonly principal?: string | null
  /** The conversation it belongs to. Default: a new one. */
  readonly correlationId?: string
  /** The id of the item that was read last, to go on from there. Where that cannot be, and by default, a snapshot comes first. */
  readonly after?: string
}

interface Linger {
  readonly table: LiveTable
  readonly cancel: () => void
}

/** The readers of a service's live queries. */
export class LiveFanOut implements CommitWatcher {
  readonly #core: ServiceCore
  readonly #declarations: ReadonlyMap<string, LiveDeclaration>
  readonly #tables = new Map<string, LiveTable>()
  /** Pictures that nobody reads, in the order in which they were left. */
  readonly #lingering = new Map<LiveView, Linger>()
  #told: { readonly table: LiveTable; readonly write: RowWrite; readonly revision: number }[] = []
  #run = ''
  #numbers = 0
  #pictureCount = 0
  #readerCount = 0
  #closed = false

  constructor(core: ServiceCore) {
    this.#core = core
    this.#declarations = new Map(core.service.liveQueries.map((declaration) => [declaration.live.name, declaration]))
    if (this.#declarations.size > 0) core.watch(this)
  }

  /**
   * Reads a live query; resolves when its first item is there.
   *
   * Throws `UNKNOWN_LIVE_QUERY`, `INVALID_PAYLOAD`, `PAYLOAD_…`, `STORE_UNAVAILABLE` where there are too many readers, or what `where` threw.
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
    this.#admit()
    const reader = await this.#open(declaration, data, options).catch((error: unknown) => {
      this.#readerCount--
      throw error
    })
    await reader.begun()
    return reader
  }

  /** Hears of a commit; its rows are led to their readers when whoever committed has gone on. */
  committed(commit: CommitUnit, revision: number): void {
    if (this.#tables.size === 0) return
    const scheduled = this.#told.length > 0
    for (const write of commit.rows) {
      const table = this.#tables.get(write.table)
      if (table !== undefined) this.#told.push({ table, write, revision })
    }
    if (!scheduled && this.#told.length > 0) this.#core.environment.timeouts.soon(() => this.#lead())
  }

  /** A commit was rejected; where nobody knows whether it happened, its tables are read again. */
  doubt(commit: CommitUnit, error: unknown): void {
    if (this.#tables.size === 0 || !isTidingsError(error, 'STORE_UNAVAILABLE')) return
    const touched = new Set(commit.rows.map(({ table }) => this.#tables.get(table)))
    for (const table of touched) table?.beginAnew()
  }

  /** Ends every reader. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#lingering.values()) cancel()
    for (const table of this.#tables.values()) for (const picture of table.pictures) picture.end()
    this.#tables.clear()
  }

  #admit(): void {
    const { liveReadersMax } = this.#core.service.limits
    if (this.#readerCount >= liveReadersMax) {
      throw new TidingsError(
        'STORE_UNAVAILABLE',
        `Live queries of ${this.#core.service.name} have ${liveReadersMax} readers, its liveReadersMax.`,
        { hint: 'Read again later, or raise liveReadersMax for this service.' },
      )
    }
    this.#readerCount++
  }

  async #open(declaration: LiveDeclaration, data: unknown, options: LiveReadOptions): Promise<LiveReader> {
    const where = await this.#whereOf(declaration, data, options)
    if (this.#closed) throw new TidingsError('CLOSED', `Service ${this.#core.service.name} is closing.`)
    if (this.#run === '') {
      this.#run = this.#core.environment.ids.next()
      this.#core.generations.switched.listen(() => this.#followGenerations())
    }
    const table = this.#tableOf(declaration.of)
    const known = table.size
    const picture = table.picture({
      declaration,
      where,
      show: (row) => showRow(this.#core, declaration, table.bound, row),
    })
    if (table.size > known) this.#makeRoom()
    const supply = {
      refresh: (reader: LiveReader) => picture.refresh(reader),
      leave: (reader: LiveReader) => {
        this.#readerCount--
        picture.leave(reader)
      },
    }
    const reader = new LiveReader(supply, this.#core.service.limits.liveBufferBytesMax)
    const place = options.after === undefined ? undefined : parsePlace(options.after)
    picture.join(reader, place?.run === this.#run ? place : undefined)
    return reader
  }

  async #whereOf(
    declaration: LiveDeclaration,
    data: unknown,
    options: LiveReadOptions,
  ): Promise<LiveWhere | undefined> {
    if (declaration.where === undefined) return undefined
    const { service, environment } = this.#core
    const id = environment.ids.next()
    const context = new AnswerContext(this.#core, {
      service: service.name,
      correlationId: options.correlationId ?? id,
      causationId: id,
      causedBy: `live/${declaration.live.name}`,
      principal: options.principal ?? null,
      traceparent: null,
      occurredAt: environment.clock.now(),
    })
    const where = (await declaration.where(data, context)) as LiveWhere
    const { indexes } = this.#boundOf(declaration.of)
    if (!indexes.includes(where.index) || !['string', 'number', 'boolean'].includes(typeof where.value)) {
      throw new TidingsError(
        'NOT_DECLARED',
        `Live query ${declaration.live.name} asks for rows of ${declaration.of} by ${JSON.stringify(where.index)}, which is no index, or for no value of it.`,
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

  #tableOf(name: string): LiveTable {
    const bound = this.#boundOf(name)
    const known = this.#tables.get(bound.physical())
    if (known !== undefined) return known
    const table: LiveTable = new LiveTable(
      bound,
      this.#hostOf(() => table),
    )
    this.#tables.set(table.physical, table)
    return table
  }

  #hostOf(table: () => LiveTable): LiveTableHost {
    const { store, service } = this.#core
    const { liveChangesKeptMax, liveBufferBytesMax } = service.limits
    return {
      run: this.#run,
      keptMax: liveChangesKeptMax,
      rowsMax: newestMax + liveChangesKeptMax,
      keptBytesMax: liveBufferBytesMax,
      snapshotBytesMax: answerBytesMax,
      nextNumber: () => ++this.#numbers,
      find: async (physical, where, limit) =>
        store.find({
          table: physical,
          limit,
          reverse: true,
          ...(where === undefined ? {} : { index: { column: where.index, equals: where.value } }),
        }),
      caughtUp: async () => {
        await this.#core.underWay.answered()
        this.#lead()
      },
      isRead: (picture, read) => this.#isRead(table(), picture, read),
    }
  }

  // A picture that nobody reads stays for a while, so that a lost connection can go on where it was.
  #isRead(table: LiveTable, picture: LiveView, read: boolean): void {
    this.#lingering.get(picture)?.cancel()
    this.#lingering.delete(picture)
    if (read || this.#closed) return
    const { timeouts } = this.#core.environment
    const cancel = timeouts.after(this.#core.service.limits.liveResumeMs, () => this.#drop(picture))
    this.#lingering.set(picture, { table, cancel })
  }

  #makeRoom(): void {
    this.#pictureCount++
    if (this.#pictureCount <= this.#core.service.limits.liveReadersMax) return
    const [longest] = this.#lingering.keys()
    if (longest !== undefined) this.#drop(longest)
  }

  #drop(picture: LiveView): void {
    const lingering = this.#lingering.get(picture)
    if (lingering === undefined) return
    lingering.cancel()
    this.#lingering.delete(picture)
    lingering.table.drop(picture)
    this.#pictureCount--
    if (lingering.table.size === 0) this.#tables.delete(lingering.table.physical)
  }

  #lead(): void {
    const told = this.#told
    this.#told = []
    // What was written into a generation that was switched off meanwhile is nobody's business any more.
    for (const { table, write, revision } of told) if (table.physical === write.table) table.change(write, revision)
  }

  #followGenerations(): void {
    for (const table of [...this.#tables.values()]) {
      const before = table.physical
      if (before === table.bound.physical()) continue
      table.beginAnew()
      this.#tables.delete(before)
      this.#tables.set(table.physical, table)
    }
  }
}
