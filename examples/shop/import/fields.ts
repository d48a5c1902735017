// Reads single fields strictly: text that is not exactly a date, an amount or a number is refused with a reason that quotes it.
// Invariant: money never passes through a floating-point number.

/** The reason why a row is refused. Thrown by the readers of fields and caught by the reader of rows; it never leaves this folder. */
export class RowRefused extends Error {}

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** Refuses the row. */
export function refuse(reason: string): never {
  throw new RowRefused(reason)
}

/** An id: 1 to 64 letters, digits, `_`, `.` or `-`. */
export function readId(column: string, text: string): string {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(text)) refuse(`${column} is ${quote(text)}, which is not an id`)
  return text
}

/** A word that is required. */
export function readWord(column: string, text: string): string {
  if (text.trim() === '' || text.length > 64) refuse(`${column} is ${quote(text)}; it must have 1 to 64 characters`)
  return text
}

/** Free text of at most 10,000 characters; may be empty. */
export function readText(column: string, text: string): string {
  if (text.length > 10_000) refuse(`${column} has ${text.length} characters; the limit is 10,000`)
  return text
}

/** A whole number between two bounds. */
export function readCount(column: string, text: string, min: number, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(count >= min && count <= max))
    refuse(`${column} is ${quote(text)}; it must be a whole number from ${min} to ${max}`)
  return count
}

/** An amount such as `39.9` in integer cents: 3990. At most `max` cents, if that is given. */
export function readCents(column: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text)
  if (match === null) return refuse(`${column} is ${quote(text)}, which is not an amount of money`)
  const [, sign, units = '', cents = ''] = match
  if (sign === '-') refuse(`${column} is ${text}; it must not be negative`)
  const amount = Number(units) * 100 + Number(cents.padEnd(2, '0'))
  if (amount > max) refuse(`${column} is ${text}; it must not be more than ${max / 100}`)
  return amount
}

/** A moment such as `2017-01-05 10:11:12`, taken as UTC, in milliseconds since 1970. */
export function readMoment(column: string, text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text)
  const iso = match === null ? '' : `${match[1]}T${match[2]}.000Z`
  const moment = Date.parse(iso)
  // Some engines parse 30 February as 2 March, so the result must format back to the same text.
  if (Number.isNaN(moment) || moment < 0 || new Date(moment).toISOString() !== iso) {
    refuse(`${column} is ${quote(text)}, which is not a date and time`)
  }
  return moment
}

/** A moment, or `null` if the field is empty. */
export function readMomentOrNone(column: string, text: string): number | null {
  return text === '' ? null : readMoment(column, text)
}
