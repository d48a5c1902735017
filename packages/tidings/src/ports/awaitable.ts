// A port may answer synchronously or with a promise, so that an embedded engine does not have to create promises.

/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>

/**
 * A position in an event log or in the history of facts.
 *
 * A zero-padded decimal number of 16 digits; a driver creates it and receives it back unchanged. `''` is the position before the first event.
 *
 * Ordering: two positions of one source and epoch compare by code units (`a < b`) in log order; the difference of their numbers is the
 * most events that can lie between them.
 */
export type Position = string

/** The position before the first event. */
export const beginning: Position = ''

/** The position after every event: a page that is read after it is empty, and says where the history ends. */
export const ending: Position = String(Number.MAX_SAFE_INTEGER)

/** Formats a number as a position; 0 is the position before the first event. */
export function formatPosition(number: number): Position {
  return number === 0 ? beginning : String(number).padStart(16, '0')
}

/** The most events that can lie between two positions of one log. */
export function distance(from: Position, to: Position): number {
  return Math.max(0, Number(to) - Number(from))
}
