// A port may answer at once or later: an embedded engine need not pay for a promise, a remote one may return one.

/** A value, or the promise of one. */
export type Awaitable<T> = T | Promise<T>

/**
 * A place in a log or in the history of facts.
 *
 * A zero-padded decimal number of 16 digits, made by a driver and handed back to it unchanged. Ordering: two positions of one source
 * and epoch compare by code units (`a < b`) as they stand in the log; the difference of their numbers is the most events that can lie
 * between them. `''` is the place before the first event.
 */
export type Position = string

/** The position before the first event. */
export const beginning: Position = ''

/** A number as a position; 0 is the place before the first. */
export function formatPosition(number: number): Position {
  return number === 0 ? beginning : String(number).padStart(16, '0')
}

/** The most events that can lie between two positions of one log. */
export function distance(from: Position, to: Position): number {
  return Math.max(0, Number(to) - Number(from))
}
