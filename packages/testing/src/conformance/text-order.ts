// The order of keys and indexed values, told by other means than any driver's: UTF-8 bytes, compared as bytes.
// Along an index: no value first, then numbers, then text; rows of one value by their keys.

import { Buffer } from 'node:buffer'
import type { ColumnValue } from 'tidings/ports'

/** Compares texts by their UTF-8 bytes. */
export function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Compares values of an index. */
export function byColumn(a: ColumnValue, b: ColumnValue): number {
  const difference = rank(a) - rank(b)
  if (difference !== 0 || a === null || b === null) return difference
  return typeof a === 'string' && typeof b === 'string' ? byUtf8(a, b) : Number(a) - Number(b)
}

function rank(value: ColumnValue): number {
  if (value === null) return 0
  return typeof value === 'string' ? 2 : 1
}
