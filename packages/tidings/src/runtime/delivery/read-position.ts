// How far a subscription has read its source, and which event is there: a position alone would not show that a history was replaced behind it.
// Invariant: the id, if it is known, is that of the event at the position, of whatever type.

import type { Position } from '../../ports/index.ts'
import type { DeliveryPage } from '../delivery-readers/delivery-reader.ts'

/** An event that a subscriber has read, or has read past. */
export interface HeardEvent {
  readonly epoch: string
  readonly position: Position
  readonly id: string
}

interface Place {
  readonly position: Position
  readonly epoch: string
  readonly heard?: HeardEvent | undefined
  readonly passed?: readonly { readonly upTo: Position }[] | undefined
}

/** The last position that a subscription has read. */
export class ReadPosition {
  position: Position = ''
  /** The id of the event at the position; `''` if there is none, or if an earlier build has read up to there. */
  id = ''
  /** What was read and is not handled yet. */
  #page: DeliveryPage | undefined

  /** Moves to a place, forwards or back. */
  moveTo({ position, epoch, heard }: Place): void {
    this.position = position
    this.id = isAt(heard, position, epoch) ? heard.id : ''
    this.#page = undefined
  }

  /** Moves forwards to a position of the page that was read. */
  skipTo(position: Position): void {
    if (position <= this.position) return
    this.id = this.#idAt(position)
    this.position = position
    if (this.#page?.next === position) this.#page = undefined
  }

  /** Remembers a page whose events are handled next. */
  noteRead(page: DeliveryPage): void {
    this.#page = page
  }

  /** Adds the event at a place, if it is known, and leaves out what of other partitions lies behind it. */
  withHeard<P extends Place>(at: P): P {
    const { position, epoch, heard, passed } = at
    const isBehind = passed?.every(({ upTo }) => upTo <= position) === true
    const place = isBehind ? { ...at, passed: undefined } : at
    if (isAt(heard, position, epoch)) return place
    const id = this.#idAt(position)
    return id === '' ? place : { ...place, heard: { epoch, position, id } }
  }

  #idAt(position: Position): string {
    if (position === this.position) return this.id
    const { edges, next, deliveries = [] } = this.#page ?? {}
    if (edges === undefined) return ''
    return position === next ? edges.next : (deliveries.find((delivery) => delivery.position === position)?.id ?? '')
  }
}

// Builds that do not know `heard` keep it as it is while they move on.
function isAt(heard: HeardEvent | undefined, position: Position, epoch: string): heard is HeardEvent {
  return heard?.position === position && heard.epoch === epoch
}
