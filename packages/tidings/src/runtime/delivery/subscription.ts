// The state of one subscriber on one source: its checkpoint, its retry queue, and the fence that keeps other runtimes out.
// Invariant: only this object changes that state, and it changes here only after the commit that saves it.

import { TidingsError } from '../../errors/index.ts'
import type { CommitConflict, Position, SlotRange } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import { createLock } from '../concurrency/lock.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Delivery, DeliveryPage, DeliveryReader } from '../delivery-readers/delivery-reader.ts'
import type { DirectQueue } from '../schedule/direct-queue.ts'
import type { RowCache } from '../unit-of-work/row-cache.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { BatchPace } from './batch-pace.ts'
import type { Blockable } from './blocked-keys.ts'
import type { DeferralPlace, DeferredEvent, DeferredReference } from './deferred-event.ts'
import type { DeferralScope } from './deferred-row.ts'
import type { Invoke } from './invocation.ts'
import { type HeardEvent, ReadPosition } from './read-position.ts'
import { type DeferredEvents, RetryQueue } from './retry-queue.ts'
import { RunningDeliveries, type RunningDelivery } from './running-delivery.ts'
import { type Checkpoint, Fenced, type SubscriptionChange, Superseded } from './subscription-change.ts'
import type { SubscriptionKind, SubscriptionOptions } from './subscription-options.ts'

const beginning: Checkpoint = { position: '', epoch: '', handlers: {}, batches: 0 }

/** A subscriber on one source. */
export class Subscription {
  readonly core: ServiceCore
  readonly subscriber: string
  readonly kind: SubscriptionKind
  readonly group: string
  readonly slots: SlotRange | undefined
  readonly reader: DeliveryReader
  readonly invoke: Invoke
  readonly sequential: boolean
  readonly unrecorded: boolean
  readonly limits: Limits
  readonly scope: DeferralScope
  readonly whileDeferring: SubscriptionOptions['whileDeferring']
  readonly audience: SubscriptionOptions['audience']
  readonly direct: DirectQueue | undefined
  /** What runs by itself, beside the batches. */
  readonly running = new RunningDeliveries()
  readonly pace: BatchPace
  readonly #placeOf: SubscriptionOptions['placeOf']
  readonly #cache: RowCache | undefined
  readonly #keeps: SubscriptionOptions['keeps']
  readonly #retryQueue: RetryQueue
  #checkpoint = beginning
  readonly #read = new ReadPosition()
  #recovering = false
  #isolatedCount = 0
  /** What comes after this position was not there yet when the last run crashed. */
  #isolatedUntil: Position | undefined
  #handledCount = 0
  #goesOn: (running: RunningDelivery) => void = () => {}
  #moves: () => void = () => {}
  #isStopping = false
  readonly #inTurn = createLock()
  #catchUps: readonly Subscription[] = []
  #needsPlacing = false
  #revision = 0
  #generationsRevision = 0

  constructor(options: SubscriptionOptions) {
    this.core = options.core
    this.subscriber = options.subscriber
    this.kind = options.kind
    this.group = options.group
    this.slots = options.slots
    this.reader = options.reader
    this.invoke = (invocation) => {
      this.core.inProgress.beginDelivery(this, invocation.delivery)
      return options.invoke(invocation)
    }
    this.sequential = options.sequential
    this.unrecorded = options.unrecorded ?? false
    this.limits = { ...options.core.service.limits, ...options.limits }
    this.#cache = options.cache
    this.#keeps = options.keeps
    this.pace = new BatchPace(this.batchCountMax, this.limits.keysInParallelMax, options.handlersWait ?? false)
    this.scope = options.scope ?? 'key'
    this.whileDeferring = options.whileDeferring
    this.audience = options.audience
    this.direct = options.direct
    this.#placeOf = options.placeOf
    this.#retryQueue = new RetryQueue(options.subscriber, options.reader.source, this.scope)
  }

  /** Reads its state from the store; returns whether there was a checkpoint. */
  async load(): Promise<boolean> {
    if (this.#keeps !== undefined) await this.core.generations.refresh(this.core.store, this.#keeps.readModel)
    const kept = await readDocument<Checkpoint>(this.core.store, systemTables.checkpoints, this.key)
    this.#checkpoint = kept?.document ?? beginning
    this.#revision = kept?.revision ?? 0
    this.#read.moveTo(this.#checkpoint)
    this.running.abandonAll()
    this.direct?.forget()
    await this.#retryQueue.load(this.core.store)
    // While older code does the work, nobody can tell where all of what waits for newer code belongs.
    this.#needsPlacing = this.unplaced.some(({ keys }) => keys === undefined || !this.core.isOutdated)
    return kept !== undefined
  }

  get key(): string {
    return `${this.subscriber}/${this.source}`
  }

  /** The revision of its checkpoint; 0 if there is none. */
  get revision(): number {
    return this.#revision
  }

  get source(): string {
    return this.reader.source
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint
  }

  /** The last position it has read. It is ahead of the checkpoint if everything in between was for others. */
  get seen(): Position {
    return this.#read.position
  }

  /** The id of the event at `seen`; `''` if there is none, or if an earlier build has read up to there. */
  get seenId(): string {
    return this.#read.id
  }

  /** Remembers a page whose events are handled next. */
  noteRead(page: DeliveryPage): void {
    this.#read.noteRead(page)
  }

  /** Notes which event is at `seen`, where an earlier build had noted only the position. */
  async noteSeenId(id: string): Promise<void> {
    this.#read.id = id
    if (this.seen === this.#checkpoint.position) await this.saveCheckpoint({})
  }

  /** Deferred events of which it is not known which instances they belong to: earlier builds did not note it. */
  get unplaced(): readonly DeferredEvent[] {
    return this.#retryQueue.unplaced()
  }

  /** Whether there are such events that this code has not looked at. */
  get needsPlacing(): boolean {
    return this.#needsPlacing
  }

  notePlaced(): void {
    this.#needsPlacing = false
  }

  get deferred(): DeferredEvents {
    return this.#retryQueue
  }

  get handledCount(): number {
    return this.#handledCount
  }

  /** The most deliveries handled in one transaction. */
  get batchCountMax(): number {
    return this.kind === 'rebuild' ? this.limits.rebuildBatchCountMax : this.limits.batchCountMax
  }

  /** Lets this subscription wait, key by key, for the subscriptions of handlers that were added later and catch up with it. */
  waitFor(catchUps: readonly Subscription[]): void {
    this.#catchUps = catchUps
  }

  /** What a delivery is, and what it blocks if it is deferred. A deferred event keeps its place. */
  referenceTo(delivery: Delivery | DeferredEvent): DeferredReference {
    const { id, type, position, correlationId } = delivery
    const ownKey = 'ownKey' in delivery ? delivery.ownKey : delivery.key
    const handlers = 'ownKey' in delivery ? delivery.handlers : this.audience?.handlersOf(delivery)
    return { id, type, position, correlationId, ownKey, handlers, ...this.placeOf(delivery) }
  }

  /** What a delivery blocks if it is deferred. */
  placeOf(delivery: Delivery | DeferredEvent): DeferralPlace {
    if ('ownKey' in delivery) return { key: delivery.key, keys: delivery.keys }
    const { key } = delivery
    if (this.scope === 'key') return { key, keys: [key] }
    if (this.scope === 'itself') return { key, keys: [] }
    return this.#placeOf?.(delivery) ?? { key, keys: undefined }
  }

  /** Whether a delivery is blocked: an earlier one of its key is deferred, here or by a handler that catches up. */
  blocks(delivery: Delivery): boolean {
    if (this.blocksNothing) return false
    // What is for nobody has nothing to wait for.
    if (this.audience?.handlersOf(delivery).length === 0) return false
    const reference = { ownKey: delivery.key, ...this.placeOf(delivery) }
    return this.#retryQueue.blocking(reference) !== undefined || this.deferredByCatchUp(reference) !== undefined
  }

  /** Whether no delivery of any key is blocked. */
  get blocksNothing(): boolean {
    return this.#retryQueue.count === 0 && this.#catchUps.every(({ deferred }) => deferred.count === 0)
  }

  /** The event that blocks another one and is deferred by a handler that catches up with this subscription. */
  deferredByCatchUp(event: Blockable): DeferredEvent | undefined {
    return this.#catchUps.map(({ deferred }) => deferred.blocking(event)).find((head) => head !== undefined)
  }

  /** Takes the head of its source when that is read for the first time: what comes later cannot have caused a crash before. */
  noteHead(head: Position): void {
    this.#isolatedUntil ??= head
  }

  /** Runs the next batch and every retry isolated, because the last run crashed. */
  recover(): void {
    this.#recovering = true
    this.#isolatedCount = this.batchCountMax
  }

  /** Whether deliveries run isolated now. */
  isIsolated(retry: boolean): boolean {
    if (retry) return this.#recovering
    if (this.#isolatedCount === 0) return false
    return this.#isolatedUntil === undefined || this.#checkpoint.position < this.#isolatedUntil
  }

  /** Counts deliveries that ran isolated. */
  noteIsolated(count: number): void {
    this.#isolatedCount = Math.max(0, this.#isolatedCount - count)
  }

  /** How many more handlers may run by themselves, or in a batch. */
  get placesLeft(): number {
    return Math.max(0, this.limits.runningCountMax - this.running.count)
  }

  /** How many events the next batch may have. Events that would have to wait for a place are not read yet. */
  get batchCount(): number {
    const { limits, pace, placesLeft } = this
    return placesLeft < limits.keysInParallelMax ? Math.min(pace.batchCount, placesLeft) : pace.batchCount
  }

  /** Calls `moves` whenever a deferred event was handled beside the batches. */
  whenMoving(moves: () => void): void {
    this.#moves = moves
  }

  noteMove(): void {
    this.#moves()
  }

  /** Calls `goesOn` with each handler that goes on by itself, once its event is deferred in the store. */
  whenGoingOn(goesOn: (running: RunningDelivery) => void): void {
    this.#goesOn = goesOn
    this.core.inProgress.beginBatch({ subscription: this, left: () => this.running.deliveries() })
  }

  /** Whether no more handlers are to begin, because the service closes. */
  get isStopping(): boolean {
    return this.#isStopping
  }

  stop(): void {
    this.#isStopping = true
  }

  /** Skips a part of the source that holds nothing for this subscription; the checkpoint follows later. */
  skipTo(position: Position): void {
    this.#read.skipTo(position)
  }

  /** Makes waiting events due now if their error has this code; returns whether there were any. */
  retryWaiting(code: string): boolean {
    return this.#retryQueue.makeDue(code, this.core.environment.clock.now(), (at) => this.running.at(at) !== undefined)
  }

  /** A new unit of work for this subscription. */
  newUnit(): UnitOfWork {
    return new UnitOfWork(this.core.store, undefined, this.#cache)
  }

  /**
   * Commits a unit together with what changes in this subscription; returns false if there was a conflict.
   *
   * Throws `Fenced` if another runtime has moved the checkpoint, and `Superseded` if the retried event is no longer what it was.
   */
  commit(unit: UnitOfWork, change: SubscriptionChange): Promise<boolean> {
    // Each commit checks the checkpoint that the one before has written.
    return this.#inTurn(() => this.#commitInTurn(unit, change))
  }

  async #commitInTurn(unit: UnitOfWork, change: SubscriptionChange): Promise<boolean> {
    const { retried, running = [] } = change
    if (retried !== undefined && this.#retryQueue.at(retried.position) !== retried)
      throw new Superseded(`${retried.type} at ${retried.position} was changed while it was retried.`)
    let committed = false
    try {
      committed = await this.#commitNow(unit, change)
    } finally {
      for (const each of running) each.leaveBatch(committed ? this.#revision : undefined)
    }
    if (committed) for (const each of running) this.#goesOn(each)
    return committed
  }

  async #commitNow(unit: UnitOfWork, change: SubscriptionChange): Promise<boolean> {
    const { deferred = [], settled = [], handled = 0 } = change
    const checkpoint = change.checkpoint === undefined ? this.#checkpoint : this.#read.withHeard(change.checkpoint)
    for (const event of deferred) this.#retryQueue.stage(unit, event)
    for (const event of settled) this.#retryQueue.stageRemoval(unit, event)
    this.direct?.bufferHead(unit, checkpoint.position)
    this.#fence(unit)
    unit.putDocument(systemTables.checkpoints, this.key, checkpoint)
    const result = await this.core.commit(unit).catch((error: unknown) => {
      unit.settleCache(false)
      throw error
    })
    unit.settleCache(result.committed)
    if (!result.committed) {
      if (result.conflicts.some((conflict) => this.#isFence(conflict)))
        throw new Fenced(`Another runtime has moved ${this.key}.`)
      return false
    }
    this.#revision = result.revision
    this.direct?.settleUpTo(checkpoint.position, unit, result.revision)
    // Deferred events first: until they are mirrored, they would look as if they were handled.
    for (const event of deferred) this.#retryQueue.set(event)
    for (const event of settled) this.#retryQueue.remove(event)
    this.#checkpoint = checkpoint
    this.skipTo(checkpoint.position)
    this.#handledCount += handled
    return true
  }

  /** Moves the checkpoint forward without handling anything. */
  async advance(position: Position): Promise<void> {
    if (position > this.#checkpoint.position) await this.saveCheckpoint({ position })
  }

  /** Commits the checkpoint, and what `also` adds; tries again if this runtime has begun or ended a rebuild in the meantime. */
  async saveCheckpoint(changed: Partial<Checkpoint>, also: (unit: UnitOfWork) => void = () => {}): Promise<void> {
    const checkpoint = { ...this.#checkpoint, ...changed }
    for (let tries = 0; tries <= this.limits.conflictRetriesMax; tries++) {
      const unit = this.newUnit()
      also(unit)
      if (await this.commit(unit, { checkpoint })) return
    }
    throw new TidingsError('CONFLICT', `The checkpoint of ${this.key} could not be saved.`)
  }

  /**
   * Continues after an event of a source that was deleted, restored or replaced; gives up deferred events that the source no longer has.
   *
   * @returns how many were given up.
   */
  async restartAfter(heard: HeardEvent, isGone: (event: DeferredEvent) => boolean): Promise<number> {
    const settled = [...this.#retryQueue.all()].filter(isGone)
    for (const running of [...this.running.all()]) {
      const event = this.#retryQueue.at(running.delivery.position)
      if (event === undefined || settled.includes(event)) this.running.giveUp(running)
    }
    const { position, epoch, id } = heard
    const checkpoint = { ...this.#checkpoint, position, epoch, heard: id === '' ? undefined : heard }
    if (!(await this.commit(this.newUnit(), { checkpoint, settled })))
      throw new TidingsError(
        'CONFLICT',
        `The checkpoint of ${this.subscriber} of ${this.core.service.name} could not be moved.`,
      )
    this.#read.moveTo(checkpoint)
    return settled.length
  }

  // Checks the revision of the checkpoint that this object knows. The state of its read model is checked as well: a switch deletes the
  // checkpoint of the old generation, and a deleted row looks like one that never existed.
  #fence(unit: UnitOfWork): void {
    unit.check({ table: systemTables.checkpoints, key: this.key, revision: this.#revision })
    if (this.#keeps === undefined) return
    const { readModel, rebuilding } = this.#keeps
    const { generations } = this.core
    if (rebuilding !== undefined && generations.of(readModel).rebuilding !== rebuilding)
      throw new Fenced(`Another runtime has ended the rebuild of ${readModel.name}.`)
    this.#generationsRevision = generations.revision(readModel)
    unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: this.#generationsRevision })
  }

  // If this runtime itself has changed the state of the read model, that is an ordinary conflict: the unit runs again.
  #isFence(conflict: CommitConflict): boolean {
    if (conflict.kind !== 'row') return false
    if (this.direct?.isHead(conflict) === true) return true
    if (conflict.table === systemTables.checkpoints) return conflict.key === this.key
    if (conflict.table !== systemTables.readModels || this.#keeps === undefined) return false
    const { readModel } = this.#keeps
    return (
      conflict.key === readModel.subscriber && this.core.generations.revision(readModel) === this.#generationsRevision
    )
  }
}
