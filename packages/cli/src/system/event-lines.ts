// Events as lines: one each if it fits, otherwise two; and a line with the day whenever it changes.

import type { LoggedEvent } from 'tidings'
import { bold, cyan, dim, padded, shortened, type Text, widthOf } from '../terminal/text.ts'
import { clockText, dayText } from '../terminal/time-text.ts'

const clockWidth = 12
const typeWidthMin = 28
const keyWidthMin = 8

/** Draws events one after the other. */
export class EventLines {
  readonly #width: number
  #day = ''

  /** @param width - the columns of the terminal. */
  constructor(width: number) {
    this.#width = width
  }

  /** The lines of the next event. */
  of(event: LoggedEvent): readonly Text[] {
    const lines: Text[] = []
    const day = dayText(event.recordedAt)
    if (day !== this.#day) lines.push(dim(`${day} (UTC)`))
    this.#day = day
    const head: Text = [dim(clockText(event.recordedAt)), '  ', padded(cyan(event.type), typeWidthMin), '  ']
    const key: Text = [bold(event.key), event.data === null ? dim(' (retracted)') : '']
    const id = dim(event.id)
    const room = this.#width - widthOf(head)
    const keyRoom = room - 2 - widthOf(id)
    if (widthOf(key) <= keyRoom) return [...lines, [head, padded(key, keyRoom), '  ', id]]
    return [...lines, [head, shortened(key, Math.max(keyWidthMin, room))], [' '.repeat(clockWidth + 2), id]]
  }
}
