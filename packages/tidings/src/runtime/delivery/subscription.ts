// The state of one subscriber on one source: how far it has come, what it has deferred, and the fence that keeps other runtimes out.
// Invariant: only this object changes it, and what is kept changes here only after the commit that keeps it.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, Position } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeliveryReader } from '../delivery-readers/delivery-reader.ts'
import type { ReadModel } from '../tables/read-models.ts'
import type { RowCache } from '../unit-of-work/row-cache.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type DeferredEvent, type DeliveryReference, deferralKey, retryAnew } from './deferred-event.ts'
import type { Invoke } from './invoke.ts'
import { type DeferredEvents, RetryQueue } from './retry-queue.ts'

/** How far a subscriber has come on one source, as it is kept. */
export interface Checkpoint {
  readonly position: Position
  /** The epoch of the source's store; empty until the source was first read. */
  readonly epoch: string
  /** The handlers of the subscription, each with the position behind which it runs. */
  readonly handlers: Readonly<Record<string, Position>>
  /** Batches committed, for pruning delivery records. */
  readonly batches: number
}

const beginning: Checkpoint = { position: '', epoch: '', handlers: {}, batches: 0 }

/** What a subscription handles: `rebuild` fills a read model beside the live one. */
export type SubscriptionKind = 'handlers' | 'projection' | 'replica' | 'rebuild' | 'timers' | 'effects'

/** What makes a subscription. */
export interface SubscriptionOptions {
  readonly core: ServiceCore
  /** `main`, `replica.customers`, `projection.by-month`. */
  readonly subscriber: string
  readonly kind: SubscriptionKind
  readonly reader: DeliveryReader
  readonly invoke: Invoke
  /** One delivery after the other, in the order of the source; otherwise keys run in parallel. */
  readonly sequential: boolean
  /** The rows of a read model, shared by its subscriptions; they are its only writers. */
  readonly cache?: RowCache
  /** Its handlers are known to wait for something outside: they look things up. Default: false, until one does. */
  readonly handlersWait?: boolean
  /** The read model that it keeps, and the generation of it that a rebuild fills: it writes nothing after another runtime has switched. */
  readonly keeps?: { readonly readModel: ReadModel; readonly rebuilding?: number }
  /** No delivery records are kept (rebuilds). */
  readonly unrecorded?: boolean
  /** Limits that differ from the service's: an effect has attempts of its own. */
  readonly limits?: Partial<Limits>
}

/** What a commit changes in a subscription. */
export interface SubscriptionChange {
  readonly checkpoint?: Checkpoint | undefined
  /** Events that are deferred now, or deferred anew. */
  readonly deferred?: readonly DeferredEvent[]
  /** Deferred events that are done, or given up. */
  readonly settled?: readonly DeferredEvent[]
  /** How many deliveries were handled. */
  readonly handled?: number
}

/** The fence: another runtime has moved this subscriber's checkpoint. */
export class Fenced extends Error {}

/** A subscriber on one source. */
export class Subscription {
  readonly core: ServiceCore
  readonly subscriber: string
  readonly kind: SubscriptionKind
  readonly reader: DeliveryReader
  readonly invoke: Invoke
  readonly sequential: boolean
  readonly unrecorded: boolean
  readonly limits: Limits
  readonly #cache: RowCache | undefined
  readonly #keeps: SubscriptionOptions['keeps']
  readonly #retryQueue: RetryQueue
  #checkpoint = beginning
  #seen: Position = ''
  #recovering = false
  #isolatedCount = 0
  #handledCount = 0
  #handlersWait: boolean
  #ahead: readonly Subscription[] = []
  #revision = 0
  #generationsRevision = 0

  constructor(options: SubscriptionOptions) {
    this.core = options.core
    this.subscriber = options.subscriber
    this.kind = options.kind
    this.reader = options.reader
    this.invoke = options.invoke
    this.sequential = options.sequential
    this.unrecorded = options.unrecorded ?? false
    this.limits = { ...options.core.service.limits, ...options.limits }
    this.#cache = options.cache
    this.#keeps = options.keeps
    this.#handlersWait = options.handlersWait ?? false
    this.#retryQueue = new RetryQueue(options.subscriber, options.reader.source)
  }

  /** Reads what is kept; says whether there was anything. */
  async load(): Promise<boolean> {
    if (this.#keeps !== undefined) await this.core.generations.refresh(this.core.store, this.#keeps.readModel)
    const kept = await readDocument<Checkpoint>(this.core.store, systemTables.checkpoints, this.key)
    this.#checkpoint = kept?.document ?? beginning
    this.#revision = kept?.revision ?? 0
    this.#seen = this.#checkpoint.position
    await this.#retryQueue.load(this.core.store)
    return kept !== undefined
  }

  get key(): string {
    return `${this.subscriber}/${this.source}`
  }

  get source(): string {
    return this.reader.source
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint
  }

  /** Seen so far: may be ahead of the checkpoint if nothing there was of interest. */
  get seen(): Position {
    return this.#seen
  }

  get deferred(): DeferredEvents {
    return this.#retryQueue
  }

  get handledCount(): number {
    return this.#handledCount
  }

  /** The most deliveries handled in one transaction. */
  get batchCountMax(): number {
    const { batchCountMax, rebuildBatchCountMax } = this.limits
    return this.kind === 'rebuild' ? rebuildBatchCountMax : batchCountMax
  }

  /** Lets this subscription wait, key by key, for handlers that were added later and catch up with it. */
  stayBehind(ahead: readonly Subscription[]): void {
    this.#ahead = ahead
  }

  /** Whether a delivery has to wait: an earlier one of its key is deferred here, or by a handler that catches up. */
  blocks(delivery: DeliveryReference): boolean {
    const key = deferralKey(delivery)
    return this.#retryQueue.has(key) || this.deferredAhead(key) !== undefined
  }

  /** Whether no delivery at all has to wait. */
  get blocksNothing(): boolean {
    return this.#retryQueue.count === 0 && this.#ahead.every(({ deferred }) => deferred.count === 0)
  }

  /** The first event of a key that a handler has deferred which catches up with this subscription. */
  deferredAhead(key: string): DeferredEvent | undefined {
    for (const { deferred } of this.#ahead) {
      const [head] = deferred.ofKey(key)
      if (head !== undefined) return head
    }
    return undefined
  }

  /** The last run crashed: runs the next batch, and every retry, isolated. */
  recover(): void {
    this.#recovering = true
    this.#isolatedCount = this.batchCountMax
  }

  /** Whether deliveries run isolated now. */
  isIsolated(retry: boolean): boolean {
    return retry ? this.#recovering : this.#isolatedCount > 0
  }

  /** So many deliveries have been through isolated. */
  noteIsolated(count: number): void {
    this.#isolatedCount = Math.max(0, this.#isolatedCount - count)
  }

  /** Whether handlers wait for something outside now and then: keys run in parallel from the start of a batch. */
  get handlersWait(): boolean {
    return this.#handlersWait
  }

  noteWaitingHandler(): void {
    this.#handlersWait = true
  }

  /** Passes over a part of the source in which nothing is of interest; the checkpoint follows later. */
  passOver(position: Position): void {
    if (position > this.#seen) this.#seen = position
  }

  /** Makes events due now that wait for something, if their error has this code; says whether there were any. */
  retryWaiting(code: string): boolean {
    const now = this.core.environment.clock.now()
    let any = false
    for (const head of this.#retryQueue.heads()) {
      if (head.state !== 'waiting' || head.error?.code !== code || head.dueAt <= now) continue
      this.#retryQueue.set({ ...head, dueAt: now })
      any = true
    }
    return any
  }

  /** A new unit of work for this subscription. */
  newUnit(): UnitOfWork {
    return new UnitOfWork(this.core.store, undefined, this.#cache)
  }

  /**
   * Commits a unit together with what changes in this subscription; says false if it met a conflict.
   *
   * Throws `Fenced` if another runtime was faster.
   */
  async commit(unit: UnitOfWork, change: SubscriptionChange): Promise<boolean> {
    const { checkpoint = this.#checkpoint, deferred = [], settled = [], handled = 0 } = change
    for (const event of deferred) this.#retryQueue.stage(unit, event)
    for (const event of settled) this.#retryQueue.stageRemoval(unit, event)
    this.#fence(unit)
    unit.putDocument(systemTables.checkpoints, this.key, checkpoint)
    const result = await this.core.commit(unit).catch((error: unknown) => {
      unit.settleCache(false)
      throw error
    })
    unit.settleCache(result.committed)
    if (!result.committed) {
      if (result.conflicts.some((conflict) => this.#isFence(conflict)))
        throw new Fenced(`${this.key} was moved by another runtime`)
      return false
    }
    this.#revision = result.revision
    // Deferred events first: nobody may take them for handled in between.
    for (const event of deferred) this.#retryQueue.set(event)
    for (const event of settled) this.#retryQueue.remove(event)
    this.#checkpoint = checkpoint
    this.passOver(checkpoint.position)
    this.#handledCount += handled
    return true
  }

  /** Moves the checkpoint if there was nothing to handle. */
  async advance(position: Position): Promise<void> {
    if (position > this.#checkpoint.position) await this.saveCheckpoint({ position })
  }

  /** Commits the checkpoint alone; again if this runtime has begun or ended a rebuild in between. */
  async saveCheckpoint(changed: Partial<Checkpoint>): Promise<void> {
    const checkpoint = { ...this.#checkpoint, ...changed }
    for (let tries = 0; tries <= this.limits.conflictRetriesMax; tries++)
      if (await this.commit(this.newUnit(), { checkpoint })) return
    throw new TidingsError('CONFLICT', `The checkpoint of ${this.key} could not be saved.`)
  }

  /** Lets parked events be retried, each with its attempts counted anew; what another redrive has released already is left alone. */
  async redrive(parked: readonly DeferredEvent[]): Promise<void> {
    const now = this.core.environment.clock.now()
    const released = parked.filter((head) => this.#retryQueue.ofKey(deferralKey(head))[0] === head)
    await this.commit(this.newUnit(), { deferred: released.map((head) => retryAnew(head, now)) })
  }

  /** Goes on at a position of a source that was deleted or restored; deferred events behind `kept` are given up. Gives their number. */
  async restartAt(position: Position, epoch: string, kept: Position): Promise<number> {
    const settled = [...this.#retryQueue.all()].filter((event) => event.position > kept)
    const checkpoint = { ...this.#checkpoint, position, epoch }
    if (!(await this.commit(this.newUnit(), { checkpoint, settled })))
      throw new TidingsError('CONFLICT', `${this.subscriber} of ${this.core.service.name} could not be moved.`)
    this.#seen = position
    return settled.length
  }

  // The fence is the revision of the checkpoint that this object knows, and the state of its read model: a checkpoint that was forgotten
  // looks as if it had never been.
  #fence(unit: UnitOfWork): void {
    unit.check({ table: systemTables.checkpoints, key: this.key, revision: this.#revision })
    if (this.#keeps === undefined) return
    const { readModel, rebuilding } = this.#keeps
    const { generations } = this.core
    if (rebuilding !== undefined && generations.of(readModel).rebuilding !== rebuilding)
      throw new Fenced(`the rebuild of ${readModel.name} was ended by another runtime`)
    this.#generationsRevision = generations.revision(readModel)
    unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: this.#generationsRevision })
  }

  // A read model whose state this very runtime has changed meanwhile is a conflict like others: the unit runs again.
  #isFence(conflict: CommitConflict): boolean {
    if (conflict.kind !== 'row') return false
    if (conflict.table === systemTables.checkpoints) return conflict.key === this.key
    if (conflict.table !== systemTables.readModels || this.#keeps === undefined) return false
    const { readModel } = this.#keeps
    return (
      conflict.key === readModel.subscriber && this.core.generations.revision(readModel) === this.#generationsRevision
    )
  }
}
