// Positions as text. Invariant: they have sixteen digits, enough for each number up to 2^53-1, so they compare as the numbers do.

import { TidingsError } from 'tidings'
import { beginning, formatPosition, type Position } from 'tidings/ports'

const shape = /^\d{16}$/

/** Writes positions, and remembers the last one: most commits move only one of a store's two heads. */
export function positionWriter(): (number: number) => Position {
  let last = { number: 0, position: formatPosition(0) }
  return (number) => {
    if (last.number !== number) last = { number, position: formatPosition(number) }
    return last.position
  }
}

/** A position as a number. Throws `INVARIANT` if it is not a position of this driver. */
export function parsePosition(position: Position): number {
  if (position === beginning) return 0
  if (!shape.test(position)) {
    throw new TidingsError('INVARIANT', `${JSON.stringify(position)} is not a position of a SQLite store.`)
  }
  return Number(position)
}
