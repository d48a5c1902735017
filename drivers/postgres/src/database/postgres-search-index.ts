// The index of the search of an event log: one inverted index over all terms of an event. Its list of new entries costs a commit a sixth of what an index
// for each column would; the list is moved into the index outside of commits (see postgres-event-log-search.ts).
// Invariant: the index is over what `termOf` says, for ever; another expression is another layout.

/** The parts of a search, their columns, and what makes their terms differ from the same text in another part. */
export const searchParts = [
  ['id', 'id', 0],
  ['correlationId', 'correlation_id', 1],
  ['causationId', 'causation_id', 2],
  ['key', 'key', 3],
  ['type', 'type', 4],
] as const

/** The SQL of a term. */
export const termOf = (expression: string, kind: number): string =>
  kind === 0 ? `hashtext(${expression})` : `(hashtext(${expression}) # ${kind})`

/** What the index is over. */
export const searchTermsSql = `(ARRAY[${searchParts.map(([, column, kind]) => termOf(column, kind)).join(', ')}])`

/** The name of the index. */
export const searchIndexName = 'tidings_events_search'

/** The statement that creates it. The list of new entries may have 64 MiB, so that no commit ever moves it. */
export function searchIndexStatement(events: string): string {
  return `CREATE INDEX ${searchIndexName} ON ${events} USING gin (${searchTermsSql}) WITH (gin_pending_list_limit = 65536)`
}
