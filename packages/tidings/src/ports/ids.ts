// The ports for ids and randomness.

/** Creates ids. */
export interface Ids {
  /** A new, globally unique id that sorts by time, such as a UUIDv7; 1 to 64 characters of [A-Za-z0-9-]. */
  next(): string
}

/** Generates random numbers. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number
}
