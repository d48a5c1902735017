// Columns of indexed fields. A field whose type is known has a column of that type; any other one a *mixed* column: bytes that sort as the values do.
// Order: no value, then numbers (false is 0, true is 1), then text by its UTF-8 bytes. Invariant: two different values never have the same bytes.
// An entry of an index has at most 2,704 bytes. So longer values are in an index of their own, by their beginnings, and compared as a whole.

import { invariant } from 'tidings/errors'
import type { ColumnValue, TableLayout } from 'tidings/ports'
import { columnOf, indexOf, quoted, quotedText } from '../database/postgres-names.ts'

/** The type of a column. */
export type ColumnType = 'text' | 'number' | 'boolean' | 'mixed'

/** A column as the catalogue keeps it. */
export interface StoredColumn {
  readonly field: string
  readonly type: ColumnType
  /** Rows of the same value come in any order, so the index need not have the key. */
  readonly anyOrder: boolean
  /** Whether the rows that were there before the column have their values in it, and it has its index. */
  readonly filled: boolean
}

/** The type to which a parameter is cast. */
export const castOf: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  number: 'double precision',
  boolean: 'boolean',
  mixed: 'bytea',
}

/** The type of a column in its table. */
export const sqlTypeOf: typeof castOf = { ...castOf, text: 'text COLLATE "C"' }

/** The most bytes of a value that is in the index as a whole. */
export const wholeBytesMax = 600
const beginning: Partial<Readonly<Record<ColumnType, (column: string) => string>>> = {
  text: (column) => `left(${column}, 100)`,
  mixed: (column) => `substring(${column}, 1, 300)`,
}

/** The expression that makes the bytes of a mixed column of the value of one that has a type. */
export function toMixed({ field, type }: StoredColumn): string {
  const column = quoted(columnOf(field))
  if (type === 'mixed') return column
  if (type === 'text') return `'\\x02'::bytea || convert_to(${column}, 'UTF8')`
  const sent = `float8send((${type === 'boolean' ? `${column}::int` : column} + 0)::double precision)`
  const turned = (bytes: string, count: number) =>
    Array.from({ length: count }, (_, index) => index).reduce(
      (inner, index) => `set_byte(${inner}, ${index}, get_byte(${bytes}, ${index}) # ${count === 1 ? 128 : 255})`,
      bytes,
    )
  const sorted =
    type === 'boolean'
      ? turned(sent, 1)
      : `CASE WHEN ${column} >= 0 THEN ${turned(sent, 1)} ELSE ${turned(sent, 8)} END`
  return `'\\x01'::bytea || ${sorted} || '\\x0${type === 'boolean' ? 1 : 0}'::bytea`
}

/** The columns that a layout asks for. */
export function columnsOf({ indexes, tiesInAnyOrder = [], columnTypes = {} }: TableLayout): readonly StoredColumn[] {
  return indexes.map((field) => ({
    field,
    type: (Object.hasOwn(columnTypes, field) ? columnTypes[field] : undefined) ?? 'mixed',
    anyOrder: tiesInAnyOrder.includes(field),
    filled: true,
  }))
}

/** Whether the values of a type may be too long for an index. */
export function mayBeLong(type: ColumnType): boolean {
  return beginning[type] !== undefined
}

/** The condition that a value is short; where there is no value, too. The index of short values has exactly this condition. */
export function isShort(column: string): string {
  return `(octet_length(${column}) <= ${wholeBytesMax}) IS NOT FALSE`
}

/** The condition that a value is long. */
export function isLong(column: string): string {
  return `octet_length(${column}) > ${wholeBytesMax}`
}

/** What the index of long values has: their beginnings. */
export function beginningOf(type: ColumnType, column: string): string {
  return beginning[type]?.(column) ?? column
}

/** The statements that create the indexes of a column. */
export function indexStatements(table: string, identifier: string, { field, type, anyOrder }: StoredColumn): string[] {
  const column = quoted(columnOf(field))
  const parts = `${column} NULLS FIRST${anyOrder ? '' : ', key'}`
  const name = quoted(indexOf(table, field))
  if (!mayBeLong(type)) return [`CREATE INDEX ${name} ON ${identifier} (${parts})`]
  return [
    `CREATE INDEX ${name} ON ${identifier} (${parts}) WHERE ${isShort(column)}`,
    `CREATE INDEX ${quoted(indexOf(table, `${field}~long`))} ON ${identifier} (${beginningOf(type, column)}) WHERE ${isLong(column)}`,
  ]
}

/** The names of these indexes, quoted. */
export function indexNames(table: string, { field, type }: StoredColumn): string[] {
  const names = mayBeLong(type) ? [field, `${field}~long`] : [field]
  return names.map((name) => quoted(indexOf(table, name)))
}

/** A value as the text of a parameter. `null` is no value; so is NaN, which JSON does not have either. */
export function encodeColumn({ field, type }: StoredColumn, value: ColumnValue): string | null {
  if (value === null || Number.isNaN(value)) return null
  if (type === 'mixed') return `\\x${mixedBytes(value).toString('hex')}`
  if (typeof value !== typeOfValue[type])
    invariant(false, `the field ${field}, which holds a ${type}, is given a ${typeof value}`)
  return String(value)
}

const typeOfValue = { text: 'string', number: 'number', boolean: 'boolean' } as const

/** Whether a column can hold a value: where it cannot, no row has it. */
export function canHold({ type }: StoredColumn, value: ColumnValue): boolean {
  return value === null || type === 'mixed' || typeof value === typeOfValue[type]
}

const [numberKind, textKind] = [1, 2]

function mixedBytes(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from([textKind]), Buffer.from(value)])
  const bytes = Buffer.alloc(10)
  bytes[0] = numberKind
  // Adding 0 makes 0 of -0. The bits of positive numbers sort as the numbers do; those of negative ones the other way round, and all of them before.
  bytes.writeDoubleBE(Number(value) + 0, 1)
  const isNegative = ((bytes[1] as number) & 0x80) !== 0
  for (let index = 1; index <= 8; index++)
    bytes[index] = (bytes[index] as number) ^ (isNegative ? 0xff : index === 1 ? 0x80 : 0)
  bytes[9] = typeof value === 'boolean' ? 1 : 0
  return bytes
}

/** The length of a value as a column of this type keeps it, in bytes. */
export function bytesOf({ type }: StoredColumn, value: ColumnValue): number {
  return typeof value === 'string' ? Buffer.byteLength(value) + (type === 'mixed' ? 1 : 0) : 0
}

/** The value of an indexed field in a document: of an object's own member, if that is a text, a number or a boolean. */
export function columnInDocument(json: string, field: string): ColumnValue {
  const document: unknown = JSON.parse(json)
  if (typeof document !== 'object' || document === null || Array.isArray(document) || !Object.hasOwn(document, field))
    return null
  const value = (document as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** A column as CREATE TABLE and ADD COLUMN take it. */
export function columnDefinition({ field, type }: StoredColumn): string {
  return `${quoted(columnOf(field))} ${sqlTypeOf[type]}`
}

/** The comment of a column that says what its bytes are. */
export function columnComment(identifier: string, { field, type }: StoredColumn): string[] {
  if (type !== 'mixed') return []
  const comment = `The sort key of the field ${field}, whose type is not declared.`
  return [`COMMENT ON COLUMN ${identifier}.${quoted(columnOf(field))} IS ${quotedText(comment)}`]
}
