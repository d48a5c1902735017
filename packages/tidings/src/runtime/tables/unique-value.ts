// The value of a row that may occur once, as the key of its reservation. Invariant: two values have the same text exactly if they are equal.

import { keyLengthMax, type Rejection, reject, type Unique } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'

/** The table that holds the reservations of a table's unique values: `<fields>/<value>` → the key of the row; `reserved` → what is complete. */
export function reservationsOf(table: string): string {
  return `${table}.unique`
}

// A text is compared with its quotes, and several values with their brackets.
const quotes = 2

/** The most characters of a unique value. */
export const uniqueLengthMax = keyLengthMax - quotes

// A caller chooses the value, so it is the caller who is told no.
function tooLongRejection(what: string, fields: readonly string[], code: string, length: number): Rejection {
  const message = `${what}: the value of ${fields.join(' and ')} has ${length} characters; it may have ${uniqueLengthMax}, because it may occur once.`
  return reject(code, message, { fields, lengthMax: uniqueLengthMax })
}

/**
 * The key of the reservation of a row's value; `undefined` if one of the fields is null or absent.
 *
 * Throws a rejection if the value is too long, and `INVALID_PAYLOAD` if a field holds an object or array.
 */
export function uniqueValue(what: string, { fields, tooLong }: Unique, row: unknown): string | undefined {
  const values: unknown[] = []
  for (const field of fields) {
    const value = (row as Readonly<Record<string, unknown>>)[field]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'object')
      throw new TidingsError('INVALID_PAYLOAD', `${what} declares ${field} unique, which holds an object in this row.`)
    values.push(value)
  }
  const text = JSON.stringify(values.length === 1 ? values[0] : values)
  if (text.length > keyLengthMax) throw tooLongRejection(what, fields, tooLong, text.length - quotes)
  return `${fields.join(',')}/${text}`
}
