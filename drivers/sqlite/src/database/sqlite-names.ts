// Names of tables, columns and indexes. Invariant: two different names never meet in one.
// The grammar of names knows no "_", "~", "$" or upper case, so what is added here cannot collide with a name.

import { createHash } from 'node:crypto'

/** A name of any length as one of at most 63 bytes: Postgres cuts longer ones, and engines share the rule. */
export function boundedName(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name
  return `${name.slice(0, 46)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** A quoted SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

const ownColumns = new Set(['key', 'revision', 'schema_version', 'doc'])

/** The column of an indexed field; fields that bear the name of one of a table's own columns get a `$` at the end. */
export function columnOf(field: string): string {
  return ownColumns.has(field.toLowerCase()) ? `${field}$` : field
}

/** The name of the index over a column of a table. */
export function indexOf(table: string, field: string): string {
  return boundedName(`${table}/${field}`)
}
