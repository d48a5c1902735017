// Events as lines: one each where the terminal is wide enough, two where it is not, and the day wherever it changes.

import type { LoggedEvent } from 'tidings'
import { bold, cyan, dim, padded, shortened, type Text, widthOf } from '../terminal/text.ts'
import { clockText, dayText } from '../terminal/time-text.ts'

const clockWidth = 12
const typeWidthMin = 28
const keyWidth = 34
const idWidth = 36

/** Draws events one after the other. */
export class EventLines {
  readonly #width: number
  #day = ''

  /** @param width - the columns there are. */
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
    const tombstone = event.data === null ? dim(' (gone)') : ''
    const wide = this.#width >= clockWidth + 2 + typeWidthMin + 2 + keyWidth + 2 + idWidth
    if (wide) {
      const space = this.#width - widthOf(head) - 2 - Math.max(idWidth, widthOf(event.id))
      lines.push([head, padded(shortened([bold(event.key), tombstone], space), space), '  ', dim(event.id)])
    } else {
      lines.push([head, shortened([bold(event.key), tombstone], Math.max(8, this.#width - widthOf(head)))])
      lines.push([' '.repeat(clockWidth + 2), dim(event.id)])
    }
    return lines
  }
}
