// Names of schemas, tables, columns and indexes. Invariant: two different names never become the same identifier.
// The grammar of names has no "_", "~", "$" or upper case, so neither what is added here nor the store's own tables (`tidings_…`) collide with a name.

import { createHash } from 'node:crypto'

/** Shortens a name to at most 63 bytes: Postgres cuts longer ones without a word, and then two names may be one. */
export function boundedName(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name
  return `${name.slice(0, 46)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** A quoted SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A quoted SQL text. */
export function quotedText(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** The name of the schema that holds the store of a service, unquoted. */
export function schemaOf(prefix: string, service: string): string {
  return boundedName(`${prefix}${service}`)
}

const ownColumns = new Set(['key', 'revision', 'schema_version', 'doc'])

/** The column of an indexed field. A field that is named like one of a table's own columns gets a `$` at the end. */
export function columnOf(field: string): string {
  return boundedName(ownColumns.has(field.toLowerCase()) ? `${field}$` : field)
}

/** The name of an index over a column of a table. */
export function indexOf(table: string, field: string): string {
  return boundedName(`${table}/${field}`)
}
