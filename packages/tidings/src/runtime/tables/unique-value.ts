// The value of a row that may occur once, as the key of its reservation. Invariant: two values have the same text exactly if they are equal.

import { keyLengthMax, type Unique } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'

/** The table that holds the reservations of a table's unique values: `<fields>/<value>` → the key of the row; `reserved` → what is complete. */
export function reservationsOf(table: string): string {
  return `${table}.unique`
}

/**
 * The key of the reservation of a row's value; `undefined` if one of the fields is null or absent.
 *
 * Throws `INVALID_PAYLOAD` if a field holds an object or array, or if the value is longer than a key may be.
 */
export function uniqueValue(what: string, { fields }: Unique, row: unknown): string | undefined {
  const values: unknown[] = []
  for (const field of fields) {
    const value = (row as Readonly<Record<string, unknown>>)[field]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'object')
      throw new TidingsError('INVALID_PAYLOAD', `${what} declares ${field} unique, which holds an object in this row.`)
    values.push(value)
  }
  const text = JSON.stringify(values.length === 1 ? values[0] : values)
  if (text.length > keyLengthMax) {
    throw new TidingsError(
      'INVALID_PAYLOAD',
      `${what} declares ${fields.join(', ')} unique, and the value in this row has ${text.length} characters; it may have ${keyLengthMax}.`,
    )
  }
  return `${fields.join(',')}/${text}`
}
