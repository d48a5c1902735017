// The changes of rows that a store notes for those who share it, so that an instance learns cheaply what another one has committed.
// Invariant: of a table that is noted, a reader misses no change without being told.

/** For which tables a store notes changes. */
export interface ChangesToNote {
  /** Their names in the store, as for `ensureTable`. */
  readonly tables: readonly string[]
  /** How many changes of all tables together stay readable, at least; at least 1. The last call decides for the store. */
  readonly countMax: number
}

/** A row that was written or deleted. What it holds now, or that it is gone, is read from its table. */
export interface RowChange {
  /** The number of the commit that wrote or deleted it. */
  readonly revision: number
  readonly table: string
  readonly key: string
}

/** Which changes to read. */
export interface RowChangesRequest {
  /** Read after the commit of this revision. `undefined` reads nothing and tells where the history ends now. */
  readonly after: number | undefined
  /** The most changes to return; at least 1. The changes of one commit stay together, even if there are more. */
  readonly limit: number
}

/** A page of changes. */
export interface RowChangesPage {
  /** The changes, in the order of their revisions; those of one commit are all there or not at all. */
  readonly changes: readonly RowChange[]
  /** The revision up to which the page has looked at every commit; continue reading after it. */
  readonly next: number
  /** False if changes after the request's `after` are no longer kept: the page then has none, and whoever reads on after `next` has missed some. */
  readonly isComplete: boolean
}
