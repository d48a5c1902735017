// The state of one subscriber on one source: how far it has come, what it holds, and the fence that keeps others out.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, CommitResult, Position } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import type { Feed } from '../delivery-readers/delivery-reader.ts'
import { type HeldEvent, HeldEvents } from './retry-queue.ts'
import type { React } from './invoke.ts'
import type { ReadModel } from '../tables/read-models.ts'
import type { RowCache } from '../unit-of-work/row-cache.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Suspicion } from '../contexts/isolated-run.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A subscriber's progress on one source, as it is kept. */
export interface Progress {
  readonly position: Position
  /** The epoch of the source's store; empty until the source was first read. */
  readonly epoch: string
  /** The handlers of the lane, each with the position behind which it runs. */
  readonly handlers: Readonly<Record<string, Position>>
  /** Batches committed, for pruning delivery records. */
  readonly batches: number
}

const untouched: Progress = { position: '', epoch: '', handlers: {}, batches: 0 }

/** What makes a lane. */
export interface LaneOptions {
  readonly core: ServiceCore
  /** `main`, `replica.customers`, `projection.by-month`. */
  readonly subscriber: string
  readonly kind: 'handlers' | 'projection' | 'replica' | 'rebuild' | 'timers' | 'effects'
  readonly feed: Feed
  readonly react: React
  /** One delivery after the other, in the order of the source; otherwise keys run side by side. */
  readonly sequential: boolean
  /** The rows of a read model, shared by its lanes; they are its only writers. */
  readonly cache?: RowCache
  /** Its handlers are known to wait for something outside: they look things up. Default: false, until one does. */
  readonly waits?: boolean
  /** The read model that it keeps, and the generation of it that a rebuild fills: what another runtime has switched over is not written. */
  readonly keeps?: { readonly readModel: ReadModel; readonly rebuilding?: number }
  /** No delivery records are kept (rebuilds). */
  readonly unrecorded?: boolean
  /** Limits that differ from the service's: an effect has attempts of its own. */
  readonly limits?: Partial<Limits>
}

/** The fence fell: another runtime has moved this subscriber's progress. */
export class Fenced extends Error {}

/** A subscriber on one source. */
export class LaneState {
  readonly core: ServiceCore
  readonly subscriber: string
  readonly kind: LaneOptions['kind']
  readonly feed: Feed
  readonly react: React
  readonly sequential: boolean
  readonly unrecorded: boolean
  readonly cache: RowCache | undefined
  readonly keeps: LaneOptions['keeps']
  readonly held: HeldEvents
  readonly limits: Limits
  progress: Progress = untouched
  /** Seen so far: may be ahead of the kept progress where nothing there was of interest. */
  seen: Position = ''
  /** Deliveries that still run alone and marked, because the last run did not end cleanly. */
  carefulCount = 0
  /** Retries run marked for the whole run, because the last one did not end cleanly. */
  careful = false
  handledCount = 0
  /** Its handlers wait for something outside now and then: keys run side by side from the start of a batch. */
  waits: boolean
  /** The mark on the delivery that is running alone. */
  suspicion: Suspicion | undefined
  /** Lanes of handlers that were added later and catch up with this one: what they hold, this one may not pass. */
  ahead: readonly LaneState[] = []
  #revision = 0
  #generationsRevision = 0

  constructor(options: LaneOptions) {
    this.core = options.core
    this.subscriber = options.subscriber
    this.kind = options.kind
    this.feed = options.feed
    this.react = options.react
    this.sequential = options.sequential
    this.unrecorded = options.unrecorded ?? false
    this.cache = options.cache
    this.keeps = options.keeps
    this.waits = options.waits ?? false
    this.limits = { ...options.core.service.limits, ...options.limits }
    this.held = new HeldEvents(options.subscriber, options.feed.source)
  }

  get key(): string {
    return `${this.subscriber}/${this.feed.source}`
  }

  /** Whether an event of a key has to wait: an earlier one is held here, or by a handler that catches up. */
  holds(key: string): boolean {
    return this.held.has(key) || this.heldAhead(key) !== undefined
  }

  /** The first event of a key that a handler holds which catches up with this lane. */
  heldAhead(key: string): HeldEvent | undefined {
    for (const lane of this.ahead) {
      const [head] = lane.held.ofKey(key)
      if (head !== undefined) return head
    }
    return undefined
  }

  /** Reads what is kept; says whether there was anything. */
  async load(): Promise<boolean> {
    if (this.keeps !== undefined) await this.core.generations.refresh(this.core.store, this.keeps.readModel)
    const kept = await readDocument<Progress>(this.core.store, systemTables.progress, this.key)
    this.progress = kept?.document ?? untouched
    this.#revision = kept?.revision ?? 0
    this.seen = this.progress.position
    await this.held.load(this.core.store)
    return kept !== undefined
  }

  /** The most deliveries handled in one transaction. */
  get batchCountMax(): number {
    const { batchCountMax, rebuildBatchCountMax } = this.limits
    return this.kind === 'rebuild' ? rebuildBatchCountMax : batchCountMax
  }

  /** A new unit of work for this lane. */
  newUnit(): UnitOfWork {
    return new UnitOfWork(this.core.store, undefined, this.cache)
  }

  /**
   * Buffers the progress into a unit of work, fenced by the revision this lane knows, and by the state of its read model: progress that was
   * forgotten looks as if it had never been.
   */
  stage(unit: UnitOfWork, progress: Progress): void {
    unit.check({ table: systemTables.progress, key: this.key, revision: this.#revision })
    if (this.keeps !== undefined) {
      const { readModel, rebuilding } = this.keeps
      const { generations } = this.core
      if (rebuilding !== undefined && generations.of(readModel).rebuilding !== rebuilding)
        throw new Fenced(`the rebuild of ${readModel.name} was ended by another runtime`)
      this.#generationsRevision = generations.revision(readModel)
      unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: this.#generationsRevision })
    }
    unit.putDocument(systemTables.progress, this.key, progress)
  }

  /**
   * Commits a unit that bears the staged progress; throws `Fenced` where another runtime was faster.
   *
   * @param held - what the unit holds: known here before the progress is, so that nobody takes it for handled in between.
   */
  async commit(unit: UnitOfWork, progress: Progress, held: readonly HeldEvent[] = []): Promise<CommitResult> {
    const result = await this.core.commit(unit).catch((error: unknown) => {
      unit.settleCache(false)
      throw error
    })
    unit.settleCache(result.committed)
    if (result.committed) {
      this.#revision = result.revision
      for (const event of held) this.held.set(event)
      this.progress = progress
      if (progress.position > this.seen) this.seen = progress.position
      return result
    }
    if (result.conflicts.some((conflict) => this.#isFence(conflict)))
      throw new Fenced(`${this.key} was moved by another runtime`)
    return result
  }

  // A read model whose state this very runtime has changed meanwhile is a conflict like others: the unit runs again.
  #isFence(conflict: CommitConflict): boolean {
    if (conflict.kind !== 'row') return false
    if (conflict.table === systemTables.progress) return conflict.key === this.key
    if (conflict.table !== systemTables.readModels || this.keeps === undefined) return false
    const { readModel } = this.keeps
    return (
      conflict.key === readModel.subscriber && this.core.generations.revision(readModel) === this.#generationsRevision
    )
  }

  /** Commits progress alone; again where this runtime has begun or ended a rebuild in between. */
  async saveProgress(progress: Progress): Promise<void> {
    for (let tries = 0; tries <= this.limits.conflictRetriesMax; tries++) {
      const unit = this.newUnit()
      this.stage(unit, progress)
      if ((await this.commit(unit, progress)).committed) return
    }
    throw new TidingsError('CONFLICT', `The progress of ${this.key} could not be kept.`)
  }
}
