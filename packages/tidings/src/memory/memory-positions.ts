// Positions of the in-memory store, and reading a history by position. Invariant: a page's `next` is the last position it looked at,
// matching or not, so a reader that continues from it skips and repeats nothing.

import { beginning, type Position } from '../ports/index.ts'

/** The position of the last item of a history. */
export function headOf(history: readonly { readonly position: Position }[]): Position {
  return history.at(-1)?.position ?? beginning
}

/** A page of a history. */
export interface HistoryPage<Item> {
  readonly items: readonly Item[]
  readonly next: Position
  readonly head: Position
}

/** Looks at the `limit` items after a position and returns those that match. */
export function readHistory<Item extends { readonly position: Position }>(
  history: readonly Item[],
  after: Position,
  limit: number,
  matches: (item: Item) => boolean,
): HistoryPage<Item> {
  const start = indexAfter(history, after)
  const seen = history.slice(start, start + limit)
  return { items: seen.filter(matches), next: seen.at(-1)?.position ?? after, head: headOf(history) }
}

/** The index of the first item after a position. */
export function indexAfter(history: readonly { readonly position: Position }[], after: Position): number {
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((history[middle]?.position ?? beginning) > after) high = middle
    else low = middle + 1
  }
  return low
}
