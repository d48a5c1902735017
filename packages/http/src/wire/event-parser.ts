// Parses server-sent events from text that arrives in pieces, cut anywhere: https://html.spec.whatwg.org/multipage/server-sent-events.html.
// Invariant: each piece is scanned once, and an event that is too long is an error, so the buffer is bounded.

import { TidingsError } from 'tidings'

/** A server-sent event. */
export interface SentEvent {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** The longest event that is read, in UTF-16 units. */
const eventLengthMax = 33_554_432

/** Splits a stream into events. */
export class EventParser {
  #partial = ''
  #endedInCr = false
  #begun = false
  #event = ''
  #id = ''
  #data: string[] = []
  #length = 0

  /** The events that this piece of text completes; throws `PAYLOAD_TOO_LARGE`. */
  push(text: string): readonly SentEvent[] {
    let piece = text
    // A line may end in CR LF, and the two may arrive in different pieces.
    if (this.#endedInCr && piece.startsWith('\n')) piece = piece.slice(1)
    if (text !== '') this.#endedInCr = false
    if (!this.#begun && piece !== '') {
      this.#begun = true
      if (piece.startsWith('\ufeff')) piece = piece.slice(1)
    }
    const found: SentEvent[] = []
    const ends = /\r\n|\r|\n/g
    let start = 0
    for (let end = ends.exec(piece); end !== null; end = ends.exec(piece)) {
      const event = this.#line(this.#partial + piece.slice(start, end.index))
      if (event !== undefined) found.push(event)
      this.#partial = ''
      start = end.index + end[0].length
      this.#endedInCr = end[0] === '\r' && start === piece.length
    }
    this.#partial += piece.slice(start)
    if (this.#partial.length + this.#length > eventLengthMax)
      throw new TidingsError(
        'PAYLOAD_TOO_LARGE',
        `An event of a live query is longer than ${eventLengthMax} characters.`,
      )
    return found
  }

  #line(line: string): SentEvent | undefined {
    if (line === '') return this.#finish()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.startsWith(' ', colon + 1) ? colon + 2 : colon + 1)
    if (field === 'data') {
      this.#data.push(value)
      this.#length += value.length
    } else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    return undefined
  }

  #finish(): SentEvent | undefined {
    const event = { event: this.#event || 'message', id: this.#id, data: this.#data.join('\n') }
    const isEvent = this.#data.length > 0
    this.#event = ''
    this.#data = []
    this.#length = 0
    return isEvent ? event : undefined
  }
}
