// Events that a subscriber holds: one that failed and waits for its retry, or is parked, and the later ones of its key behind it.
// Kept by reference (position), in order, in the subscriber's own store, and mirrored here in memory.

import type { Position, Store } from '../../ports/index.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/**
 * How a held event stands.
 *
 * - `retrying`: it failed and is tried again, counted.
 * - `waiting`: something has yet to arrive; it is tried again, not counted.
 * - `parked`: its attempts are used up (or a retry cannot help); it waits for a redrive.
 * - `queued`: an earlier event of its key is held.
 */
export type HeldState = 'retrying' | 'waiting' | 'parked' | 'queued'

/** The error that holds an event. */
export interface HeldError {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** Where it was thrown, without the payload. */
  readonly stack: string | undefined
}

/** A held event as it is kept. */
export interface HeldEvent {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly position: Position
  readonly correlationId: string
  readonly state: HeldState
  /** Attempts that failed. */
  readonly attempts: number
  /** Tries that were not counted. */
  readonly waits: number
  /** When it is tried next, in milliseconds since 1970. */
  readonly dueAt: number
  /** When it was first held. */
  readonly heldAt: number
  readonly error: HeldError | undefined
}

/** The held events of one subscriber and source. */
export class HeldEvents {
  readonly #prefix: string
  readonly #byKey = new Map<string, HeldEvent[]>()
  #count = 0

  constructor(subscriber: string, source: string) {
    this.#prefix = `${subscriber}/${source}/`
  }

  /** Reads what is kept. */
  async load(store: Store): Promise<void> {
    this.#byKey.clear()
    this.#count = 0
    for (const { document } of await readDocuments<HeldEvent>(store, systemTables.held, this.#prefix))
      this.#add(document)
  }

  get count(): number {
    return this.#count
  }

  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** The first held event of every key. */
  *heads(): IterableIterator<HeldEvent> {
    for (const events of this.#byKey.values()) if (events[0] !== undefined) yield events[0]
  }

  /** All held events of a key, in order. */
  ofKey(key: string): readonly HeldEvent[] {
    return this.#byKey.get(key) ?? []
  }

  /** All held events. */
  *all(): IterableIterator<HeldEvent> {
    for (const events of this.#byKey.values()) yield* events
  }

  /** Buffers a held event into a unit of work. */
  stage(unit: UnitOfWork, held: HeldEvent): void {
    unit.putDocument(systemTables.held, `${this.#prefix}${held.position}`, held)
  }

  /** Buffers the removal of a held event into a unit of work. */
  stageRemoval(unit: UnitOfWork, held: HeldEvent): void {
    unit.deleteRow(systemTables.held, `${this.#prefix}${held.position}`)
  }

  /** Mirrors a committed held event. */
  set(held: HeldEvent): void {
    const events = this.#byKey.get(held.key)
    const index = events?.findIndex((other) => other.position === held.position) ?? -1
    if (events !== undefined && index >= 0) events[index] = held
    else this.#add(held)
  }

  /** Mirrors a committed removal. */
  remove(held: HeldEvent): void {
    const left = (this.#byKey.get(held.key) ?? []).filter((other) => other.position !== held.position)
    this.#count--
    if (left.length === 0) this.#byKey.delete(held.key)
    else this.#byKey.set(held.key, left)
  }

  #add(held: HeldEvent): void {
    const events = this.#byKey.get(held.key)
    if (events === undefined) this.#byKey.set(held.key, [held])
    else events.push(held)
    this.#count++
  }
}

/** A delivery that has to wait behind an earlier event of its key. */
export function queuedBehind(delivery: Delivery, now: number): HeldEvent {
  return { ...referenceOf(delivery), state: 'queued', attempts: 0, waits: 0, dueAt: now, heldAt: now, error: undefined }
}

/** The part of a held event that refers to its delivery. */
export function referenceOf({ id, type, key, position, correlationId }: Delivery) {
  return { id, type, key, position, correlationId }
}
