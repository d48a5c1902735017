// What readers of live queries are given. An item is made once and shared by all who read the same rows, its text included.

import { byteLength } from '../../contracts/index.ts'

/** A row as it is shown. */
export interface LiveRow {
  readonly key: string
  readonly row: unknown
}

interface LiveItemBase {
  /** Says where a reader stands; handed back as `after`, it goes on from there. Opaque. */
  readonly id: string
  /** The rest of the item as JSON text: `{"rows":[{"key","row"}]}`, `{"key","row"}`, `{"key"}`. */
  readonly json: string
  /** The bytes of that text. */
  readonly bytes: number
}

/**
 * What a reader of a live query is given, in order.
 *
 * - `snapshot`: all rows, in the order of their keys; they replace whatever the reader has.
 * - `put`: a row that came or changed.
 * - `remove`: a row that is not shown any more.
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

/** Makes a put. */
export function putItem(id: string, { key, row, json }: ShownRow): LiveItem {
  return { kind: 'put', id, key, row, json, bytes: byteLength(json) }
}

/** Makes a remove. */
export function removeItem(id: string, key: string): LiveItem {
  const json = JSON.stringify({ key })
  return { kind: 'remove', id, key, json, bytes: byteLength(json) }
}

/** Where a reader stood: in which picture of which run, after how many of its items. */
export interface LivePlace {
  readonly run: string
  readonly picture: number
  readonly item: number
}

/** The id of an item. */
export function placeId({ run, picture, item }: LivePlace): string {
  return `${encodeURIComponent(run)}.${picture}.${item}`
}

const placeForm = /^([A-Za-z0-9._~!*'()%-]{1,200})\.([0-9]{1,15})\.([0-9]{1,15})$/

/** Reads an id; `undefined` where it is none of ours, so that its bearer gets a snapshot: a browser that resumes cannot mend an id. */
export function parsePlace(id: string): LivePlace | undefined {
  const [, run, picture, item] = (id.length <= 256 ? placeForm.exec(id) : null) ?? []
  if (run === undefined) return undefined
  try {
    return { run: decodeURIComponent(run), picture: Number(picture), item: Number(item) }
  } catch {
    return undefined
  }
}
