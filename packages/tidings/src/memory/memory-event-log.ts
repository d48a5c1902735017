// The event log of a store, or a broker's copy of it. Invariant: events are in the order of their positions, and a position is used once
// within an epoch.

import type { EventRecord, LoggedEvent } from '../contracts/index.ts'
import {
  type EventLogPage,
  type EventLogRequest,
  type EventLogSearch,
  formatPosition,
  isInSlots,
  type Position,
} from '../ports/index.ts'
import { headOf, indexAfter, readHistory } from './memory-positions.ts'

/** One source's events. */
export class MemoryLog {
  #events: LoggedEvent[] = []
  /** The number of the last position. */
  #last = 0

  get head(): Position {
    return headOf(this.#events)
  }

  /** Gives an event the next position. */
  append(source: string, event: EventRecord): void {
    this.#last += 1
    this.#events.push(Object.freeze({ ...event, source, position: formatPosition(this.#last) }))
  }

  /** Adds an event that already has its position, if it is new. */
  addCopy(event: LoggedEvent): void {
    if (event.position > this.head) this.#events.push(Object.freeze({ ...event }))
  }

  /** Removes the events after a position. */
  cutAfter(position: Position): void {
    this.#events = this.#events.slice(0, indexAfter(this.#events, position))
  }

  read({ after, limit, types, slots, edges = false }: EventLogRequest): Omit<EventLogPage, 'epoch'> {
    const matches = ({ type, key }: LoggedEvent) =>
      (types === undefined || types.includes(type)) && (slots === undefined || isInSlots(key, slots))
    const { items, next, head } = readHistory(this.#events, after, limit, matches)
    const page = { events: items, next, head }
    return edges ? { ...page, edges: { after: this.#idAt(after), next: this.#idAt(next) } } : page
  }

  #idAt(position: Position): string {
    const event = this.#events[indexAfter(this.#events, position) - 1]
    return event?.position === position ? event.id : ''
  }

  /** Newest first; every given part must match. */
  search({ limit, ...parts }: EventLogSearch): LoggedEvent[] {
    const given = Object.entries(parts) as [keyof typeof parts, string | undefined][]
    const matches = (event: LoggedEvent) => given.every(([name, value]) => value === undefined || event[name] === value)
    const found: LoggedEvent[] = []
    for (let i = this.#events.length - 1; i >= 0 && found.length < limit; i--) {
      const event = this.#events[i]
      if (event !== undefined && matches(event)) found.push(event)
    }
    return found
  }

  /** A copy that shares no mutable data; with `source`, under another name. */
  copy(source?: string): MemoryLog {
    const copy = new MemoryLog()
    copy.#events = source === undefined ? [...this.#events] : this.#events.map((event) => ({ ...event, source }))
    copy.#last = this.#last
    return copy
  }
}
