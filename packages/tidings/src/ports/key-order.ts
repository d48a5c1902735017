// The order of keys and indexed values. Text is ordered by code points, which is the order of its UTF-8 bytes and of SQL engines;
// JavaScript's `<` orders by UTF-16 units and puts U+FF5E after U+1F600.

import type { ColumnValue } from './store.ts'

/** Compares well-formed texts by code points; returns a negative number, zero or a positive number. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return a.length - b.length
}

// Surrogates encode code points beyond 16 bits, so they rank above all other units.
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** Compares values of an indexed column: `null` first, then numbers (`false` is 0, `true` is 1), then text. */
export function compareColumns(a: ColumnValue, b: ColumnValue): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1)
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : 1
  return typeof b === 'string' ? -1 : Number(a) - Number(b)
}
