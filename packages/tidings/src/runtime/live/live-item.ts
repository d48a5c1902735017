// The items that readers of live queries get. An item and its text are made once and shared by all who read the same rows.

import { byteLength } from '../../contracts/index.ts'

/** A row of a live query. */
export interface LiveRow {
  readonly key: string
  readonly row: unknown
}

interface LiveItemBase {
  /** The reader's place. Pass it as `after` to continue after this item. Treat it as opaque. */
  readonly id: string
  /** The rest of the item as JSON text: `{"rows":[{"key","row"}]}`, `{"key","row"}`, `{"key"}`. */
  readonly json: string
  /** The bytes of that text. */
  readonly bytes: number
}

/**
 * One item of a live query.
 *
 * - `snapshot`: all rows, in the order of their keys; they replace everything the reader has.
 * - `put`: a row that is new or has changed.
 * - `remove`: a row that is no longer shown.
 */
export type LiveItem =
  | (LiveItemBase & { readonly kind: 'snapshot'; readonly rows: readonly LiveRow[] })
  | (LiveItemBase & { readonly kind: 'put' } & LiveRow)
  | (LiveItemBase & { readonly kind: 'remove'; readonly key: string })

/** A row and its text. */
export interface ShownRow extends LiveRow {
  /** `{"key":…,"row":…}`. */
  readonly json: string
}

/** Makes a snapshot; the caller has bounded its rows. */
export function snapshotItem(id: string, rows: readonly ShownRow[]): LiveItem {
  const json = `{"rows":[${rows.map((each) => each.json).join(',')}]}`
  return { kind: 'snapshot', id, rows: rows.map(({ key, row }) => ({ key, row })), json, bytes: byteLength(json) }
}

/** Makes a `put` item. */
export function putItem(id: string, { key, row, json }: ShownRow): LiveItem {
  return { kind: 'put', id, key, row, json, bytes: byteLength(json) }
}

/** Makes a `remove` item. */
export function removeItem(id: string, key: string): LiveItem {
  const json = JSON.stringify({ key })
  return { kind: 'remove', id, key, json, bytes: byteLength(json) }
}

/** The place of a reader: the run of the service, the number of the view, and how many of the view's items the reader has received. */
export interface LivePlace {
  readonly run: string
  readonly view: number
  readonly item: number
}

/** The id of an item. */
export function placeId({ run, view, item }: LivePlace): string {
  return `${encodeURIComponent(run)}.${view}.${item}`
}

const placeForm = /^([A-Za-z0-9._~!*'()%-]{1,200})\.([0-9]{1,15})\.([0-9]{1,15})$/

/**
 * Parses an id; `undefined` if it is invalid. Its reader then gets a snapshot instead of an error: a browser that reconnects cannot correct
 * the id.
 */
export function parsePlace(id: string): LivePlace | undefined {
  const [, run, view, item] = (id.length <= 256 ? placeForm.exec(id) : null) ?? []
  if (run === undefined) return undefined
  try {
    return { run: decodeURIComponent(run), view: Number(view), item: Number(item) }
  } catch {
    return undefined
  }
}
