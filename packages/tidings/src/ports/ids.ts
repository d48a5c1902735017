// Ids and chance as values that are passed in.

/** Gives ids. */
export interface Ids {
  /** A new id, unique everywhere, growing with time (UUIDv7 or the like); 1 to 64 characters of the grammar [A-Za-z0-9-]. */
  next(): string
}

/** Gives chance. */
export interface Random {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number
}
