// The retry queue of one subscription: its deferred events, in order for each key, kept in the subscriber's own store and mirrored here.
// Invariant: the mirror changes only after the commit that changes the rows.

import type { Store } from '../../ports/index.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type Blockable, BlockedKeys } from './blocked-keys.ts'
import type { DeferredEvent } from './deferred-event.ts'
import { type DeferralScope, type DeferredRow, fromRow, toRow } from './deferred-row.ts'
import { newerPlace } from './newer-code-missing.ts'

/** Reads the deferred events of a subscription. */
export interface DeferredEvents {
  readonly count: number
  /** The deferred events that no earlier one blocks. */
  heads(): IterableIterator<DeferredEvent>
  /** The deferred event at a position. */
  at(position: string): DeferredEvent | undefined
  /** The first deferred event that blocks a delivery. */
  blocking(delivery: Blockable): DeferredEvent | undefined
  /** A deferred event and those that it blocks, in order. */
  from(event: DeferredEvent): readonly DeferredEvent[]
  /** Whether an earlier deferred event blocks one. */
  isBehind(event: DeferredEvent): boolean
  /** All deferred events. */
  all(): IterableIterator<DeferredEvent>
}

/** The deferred events of one subscription. */
export class RetryQueue implements DeferredEvents {
  readonly #prefix: string
  readonly #scope: DeferralScope
  readonly #events = new Map<string, DeferredEvent>()
  readonly #keys = new BlockedKeys()

  constructor(subscriber: string, source: string, scope: DeferralScope) {
    this.#prefix = `${subscriber}/${source}/`
    this.#scope = scope
  }

  /** Reads the deferred events from the store. */
  async load(store: Store): Promise<void> {
    this.#events.clear()
    this.#keys.clear()
    for (const { document } of await readDocuments<DeferredRow>(store, systemTables.deferred, this.#prefix))
      this.set(fromRow(document, this.#scope))
  }

  get count(): number {
    return this.#events.size
  }

  heads(): IterableIterator<DeferredEvent> {
    return this.#keys.heads()
  }

  at(position: string): DeferredEvent | undefined {
    return this.#events.get(position)
  }

  blocking(delivery: Blockable): DeferredEvent | undefined {
    return this.#keys.first(delivery)
  }

  from(event: DeferredEvent): readonly DeferredEvent[] {
    return this.#keys.from(event)
  }

  isBehind(event: DeferredEvent): boolean {
    return this.#keys.isBehind(event)
  }

  all(): IterableIterator<DeferredEvent> {
    return this.#events.values()
  }

  /** Those whose keys could not be told when they were stored, or not all of them. */
  unplaced(): readonly DeferredEvent[] {
    return [...this.#keys.unplaced(), ...this.#keys.under(newerPlace)]
  }

  /** Buffers a deferred event into a unit of work. */
  stage(unit: UnitOfWork, event: DeferredEvent): void {
    unit.putDocument(systemTables.deferred, this.#rowKey(event), toRow(event, this.#scope))
  }

  /** Buffers the removal of a deferred event into a unit of work. */
  stageRemoval(unit: UnitOfWork, event: DeferredEvent): void {
    unit.deleteRow(systemTables.deferred, this.#rowKey(event))
  }

  /** Mirrors a committed deferred event. */
  set(event: DeferredEvent): void {
    const before = this.#events.get(event.position)
    this.#events.set(event.position, event)
    if (before !== undefined && sameKeys(before.keys, event.keys)) this.#keys.replace(event)
    else {
      if (before !== undefined) this.#keys.remove(before)
      this.#keys.add(event)
    }
  }

  /** Makes waiting events due if their error has this code, unless they run; returns whether there were any. */
  makeDue(code: string, now: number, isRunning: (position: string) => boolean): boolean {
    let any = false
    for (const head of this.heads()) {
      if (head.state !== 'waiting' || head.error?.code !== code || head.dueAt <= now) continue
      if (isRunning(head.position)) continue
      this.set({ ...head, dueAt: now })
      any = true
    }
    return any
  }

  /** Mirrors a committed removal. */
  remove(event: DeferredEvent): void {
    const known = this.#events.get(event.position)
    if (known === undefined) return
    this.#events.delete(event.position)
    this.#keys.remove(known)
  }

  #rowKey({ position }: DeferredEvent): string {
    return `${this.#prefix}${position}`
  }
}

function sameKeys(before: readonly string[] | undefined, now: readonly string[] | undefined): boolean {
  return (
    before === now || (before?.length === now?.length && now?.every((key, index) => key === before?.[index]) === true)
  )
}
