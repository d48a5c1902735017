// The token from which a reading of pages continues. It holds the place of the last row and what the reading asked for.
// Invariant: a token is taken back only by the reading that gave it out, and only unchanged. It protects against mistakes, not secrets.

import { TidingsError } from '../../errors/index.ts'
import { fingerprint } from '../unit-of-work/fingerprint.ts'

/** What a reading of pages asks for; the token of another one is refused. */
export interface PagedReading {
  /** What is read, with its service: `orders/payments`, `orders/order/17`. */
  readonly of: string
  /** The order, as the token names it: `key`, `paidAt`, `paidAt descending`. */
  readonly sort: string
  /** What else decides which rows belong to it, as a text. */
  readonly selection: string
}

/** Makes a token; `place` is JSON. */
export function pageToken({ of, sort, selection }: PagedReading, place: unknown): string {
  const text = [of, sort, fingerprint(selection), JSON.stringify(place)].map(encodeURIComponent).join(':')
  return `p1:${text}:${fingerprint(text)}`
}

/** The place in a token; throws `INVALID_PAGE` if it is not a token of this reading. */
export function placeInToken(token: unknown, reading: PagedReading): unknown {
  const parts = typeof token === 'string' ? token.split(':') : []
  const [, of, sort, selection, place, check] = parts
  if (parts.length !== 6 || parts[0] !== 'p1' || fingerprint(parts.slice(1, 5).join(':')) !== check) {
    const shown = typeof token === 'string' ? JSON.stringify(token.slice(0, 60)) : `a value of type ${typeof token}`
    throw invalid(`\`after\` is not a \`next\` that a page returned: ${shown}.`)
  }
  const [wasOf, wasSort] = [of, sort].map((part) => decodeURIComponent(part ?? ''))
  if (wasOf !== reading.of) throw invalid(`\`after\` belongs to a page of ${wasOf}, not of ${reading.of}.`)
  if (wasSort !== reading.sort)
    throw invalid(`\`after\` belongs to a page of ${reading.of} sorted by ${wasSort}, not by ${reading.sort}.`)
  if (decodeURIComponent(selection ?? '') !== fingerprint(reading.selection))
    throw invalid(`\`after\` belongs to a page of ${reading.of} with another \`where\` or \`search\`.`)
  return JSON.parse(decodeURIComponent(place ?? ''))
}

function invalid(message: string): TidingsError {
  return new TidingsError('INVALID_PAGE', message)
}
