// The queue of one subscription that handles what is due directly from the schedule. What is handled leaves the schedule in the commit of its
// handler; whatever else becomes of an item (it fails, waits, goes on by itself or is blocked), it is moved into the queue in the commit
// that records it. Invariant: an item keeps the position at which it was delivered, so all that names it by its position finds it there.

import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { DirectItem } from './direct-item.ts'
import { enqueue, moveHead, nextPosition, type StoredHead } from './due-queue.ts'
import type { DueItem } from './find-due.ts'
import { putClaimed } from './set-timer.ts'

/** The loop of a subscription, as its queue knows it. */
export interface DirectSubscriber {
  /** Whether it handles at once what is due, and nothing has to be isolated. */
  isReady(): boolean
  wake(): void
}

/** One queue. */
export class DirectQueue {
  readonly name: string
  readonly #core: ServiceCore
  /** What is delivered and not settled, in order. */
  readonly #delivered = new Map<Position, DirectItem>()
  /** The head of the queue as it is stored, while something is delivered. */
  #head: StoredHead = { position: '', revision: 0 }
  #isGivenBack = false
  #mayBeDue = true
  /** What a unit moves into the queue, once it is committed. */
  #moving: { readonly unit: UnitOfWork | undefined; readonly items: DirectItem[] } = { unit: undefined, items: [] }
  /** How many items were delivered last. */
  #lastCount = 0
  #subscriber: DirectSubscriber | undefined

  constructor(core: ServiceCore, name: string) {
    this.#core = core
    this.name = name
  }

  /** Sets who takes what is due, from the start of its loop to its end. */
  serve(subscriber: DirectSubscriber | undefined): void {
    this.#subscriber = subscriber
  }

  /** Whether what is due is left to the subscription. */
  get isTaking(): boolean {
    return !this.#isGivenBack && (this.isBusy || this.#subscriber?.isReady() === true)
  }

  /** Whether a batch of it is being handled. */
  get isBusy(): boolean {
    return this.#delivered.size > 0
  }

  get busyCount(): number {
    return this.#delivered.size
  }

  get lastCount(): number {
    return this.#lastCount
  }

  get isGivenBack(): boolean {
    return this.#isGivenBack
  }

  /** Something is due. While a batch is being handled, that is looked for after it. */
  call(): void {
    this.#mayBeDue = true
    if (!this.isBusy) this.#subscriber?.wake()
  }

  /** Whether something may be due that was not delivered. */
  get mayBeDue(): boolean {
    return this.#mayBeDue
  }

  /** Delivers items, at the positions after the stored head. `isAll`: nothing else is due. */
  deliver(head: StoredHead, due: readonly DueItem[], isAll: boolean) {
    this.#mayBeDue = !isAll
    this.#head = head
    this.#lastCount = due.length
    let position = head.position
    for (const each of due) {
      position = nextPosition(position)
      this.#delivered.set(position, new DirectItem(each))
    }
    return this.#delivered
  }

  /** Moves an item that was delivered into the queue, within the commit that records what became of it. */
  async claim(unit: UnitOfWork, position: Position): Promise<void> {
    const direct = this.#delivered.get(position)
    if (direct === undefined) return
    const { item, revision } = direct
    enqueue(unit, position, item)
    // If it was cancelled or set again in the meantime, the entry in the queue leads to nothing.
    if ((await unit.get(systemTables.schedule, item.id))?.revision !== revision) return
    putClaimed(unit, position, item)
    if (this.#moving.unit !== unit) this.#moving = { unit, items: [] }
    this.#moving.items.push(direct)
  }

  /** Moves the head along with the checkpoint, within the same commit. */
  bufferHead(unit: UnitOfWork, position: Position): void {
    if (!this.isBusy || position <= this.#head.position) return
    moveHead(unit, this.name, this.#head, position)
  }

  /** A unit was committed, with the checkpoint at a position: everything up to it is settled. */
  settleUpTo(position: Position, unit: UnitOfWork, revision: number): void {
    if (!this.isBusy || position <= this.#head.position) return
    if (this.#moving.unit === unit) for (const direct of this.#moving.items) direct.noteMove(revision)
    this.#head = { position, revision }
    for (const delivered of this.#delivered.keys()) {
      if (delivered > position) break
      this.#delivered.delete(delivered)
    }
  }

  /** The batch has ended, and what is left of it has not begun: it is as if it had not been delivered. */
  endBatch(): void {
    // A pass that reads nothing leaves what was given back as it is.
    if (this.#isGivenBack) return
    if (this.isBusy) this.#mayBeDue = true
    this.#delivered.clear()
    // Then what is due is moved, so that nothing else waits behind it.
    if (this.#subscriber?.isReady() !== true) this.#core.scheduleChanged.fire()
  }

  /** The batch failed. Its handlers may still run under the positions of their items, so all of them are moved to these. */
  giveBack(): void {
    if (!this.isBusy) return
    this.#isGivenBack = true
    this.#core.scheduleChanged.fire()
  }

  /** Another runtime has moved on: what was delivered here has no effect. */
  forget(): void {
    this.#delivered.clear()
    this.#isGivenBack = false
  }

  /** Moves everything that was given back into the queue. */
  async claimGivenBack(): Promise<void> {
    const [last] = [...this.#delivered.keys()].slice(-1)
    if (!this.#isGivenBack || last === undefined) return this.forget()
    for (let tries = 0; tries <= this.#core.service.limits.conflictRetriesMax; tries++) {
      const unit = new UnitOfWork(this.#core.store)
      for (const position of this.#delivered.keys()) await this.claim(unit, position)
      this.bufferHead(unit, last)
      const result = await this.#core.commit(unit)
      if (result.committed) this.settleUpTo(last, unit, result.revision)
      else if (!result.conflicts.some((conflict) => this.isHead(conflict))) continue
      this.forget()
      this.#core.itemsDue.fire()
      return
    }
    throw new TidingsError('CONFLICT', `What is due in ${this.name} could not be moved there.`)
  }

  /** Whether a conflict says that another runtime has moved the head. */
  isHead(conflict: { readonly kind: string; readonly table?: string; readonly key?: string }): boolean {
    return conflict.table === systemTables.queueHeads && conflict.key === this.name
  }
}
