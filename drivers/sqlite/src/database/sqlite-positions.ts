// Positions as text. Invariant: sixteen digits hold every number up to 2^53-1, so text compares as the numbers do.

import { TidingsError } from 'tidings'
import { beginning, type Position } from 'tidings/ports'

const shape = /^\d{16}$/

/** A position as a number; throws `INVARIANT` where it is none of this driver's. */
export function parsePosition(position: Position): number {
  if (position === beginning) return 0
  if (!shape.test(position)) {
    throw new TidingsError('INVARIANT', `${JSON.stringify(position)} is not a position of a SQLite store.`)
  }
  return Number(position)
}
