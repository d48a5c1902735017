// The retry queue of one subscription: its deferred events, in order for each key, kept in the subscriber's own store and mirrored here.
// Invariant: the mirror changes only after the commit that changes the rows.

import type { Store } from '../../ports/index.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DeferredEvent } from './deferred-event.ts'

/** Reads the deferred events of a subscription. */
export interface DeferredEvents {
  readonly count: number
  /** The first deferred event of every key. */
  heads(): IterableIterator<DeferredEvent>
  /** All deferred events of a key, in order. */
  ofKey(key: string): readonly DeferredEvent[]
  /** All deferred events. */
  all(): IterableIterator<DeferredEvent>
}

/** A deferred event as stored; its row still uses older names. */
type DeferredRow = Omit<DeferredEvent, 'state' | 'deferredAt'> & {
  readonly state: Exclude<DeferredEvent['state'], 'blocked'> | 'queued'
  readonly heldAt: number
}

/** The deferred events of one subscription. */
export class RetryQueue implements DeferredEvents {
  readonly #prefix: string
  readonly #byKey = new Map<string, DeferredEvent[]>()
  #count = 0

  constructor(subscriber: string, source: string) {
    this.#prefix = `${subscriber}/${source}/`
  }

  /** Reads the deferred events from the store. */
  async load(store: Store): Promise<void> {
    this.#byKey.clear()
    this.#count = 0
    for (const { document } of await readDocuments<DeferredRow>(store, systemTables.deferred, this.#prefix))
      this.#add(fromRow(document))
  }

  get count(): number {
    return this.#count
  }

  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  *heads(): IterableIterator<DeferredEvent> {
    for (const events of this.#byKey.values()) if (events[0] !== undefined) yield events[0]
  }

  ofKey(key: string): readonly DeferredEvent[] {
    return this.#byKey.get(key) ?? []
  }

  *all(): IterableIterator<DeferredEvent> {
    for (const events of this.#byKey.values()) yield* events
  }

  /** Buffers a deferred event into a unit of work. */
  stage(unit: UnitOfWork, event: DeferredEvent): void {
    unit.putDocument(systemTables.deferred, this.#rowKey(event), toRow(event))
  }

  /** Buffers the removal of a deferred event into a unit of work. */
  stageRemoval(unit: UnitOfWork, event: DeferredEvent): void {
    unit.deleteRow(systemTables.deferred, this.#rowKey(event))
  }

  /** Mirrors a committed deferred event. */
  set(event: DeferredEvent): void {
    const events = this.#byKey.get(event.key)
    const index = events?.findIndex((other) => other.position === event.position) ?? -1
    if (events !== undefined && index >= 0) events[index] = event
    else this.#add(event)
  }

  /** Mirrors a committed removal. */
  remove(event: DeferredEvent): void {
    const left = (this.#byKey.get(event.key) ?? []).filter((other) => other.position !== event.position)
    this.#count--
    if (left.length === 0) this.#byKey.delete(event.key)
    else this.#byKey.set(event.key, left)
  }

  #rowKey({ position }: DeferredEvent): string {
    return `${this.#prefix}${position}`
  }

  #add(event: DeferredEvent): void {
    const events = this.#byKey.get(event.key)
    if (events === undefined) this.#byKey.set(event.key, [event])
    else events.push(event)
    this.#count++
  }
}

function toRow(event: DeferredEvent): DeferredRow {
  const { id, type, key, position, correlationId, attempts, waits, dueAt, deferredAt, error } = event
  const state = event.state === 'blocked' ? 'queued' : event.state
  return { id, type, key, position, correlationId, state, attempts, waits, dueAt, heldAt: deferredAt, error }
}

function fromRow({ state, heldAt, ...rest }: DeferredRow): DeferredEvent {
  return { ...rest, state: state === 'queued' ? 'blocked' : state, deferredAt: heldAt }
}
