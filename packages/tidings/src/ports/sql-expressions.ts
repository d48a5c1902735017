// What a store writes for the parts of a SQL statement that engines write in different ways.

import type { FieldType } from '../contracts/index.ts'

/**
 * The type of a field in a SQL statement. A `number` is divided with a fraction; an `integer` is a whole number up to `Number.MAX_SAFE_INTEGER`, whose
 * division drops the fraction and whose sums are exact.
 */
export type SqlType = 'text' | 'number' | 'integer' | 'boolean'

/** A field within the documents of a table, in a SQL statement. */
export interface DocumentField {
  /** The table's name in the store. */
  readonly table: string
  /** The name that the statement gives the table, not quoted. Absent: the statement has one table, or names no other column of that name. */
  readonly alias?: string | undefined
  /** The names of members, and the positions of items of lists, from the document to the field; at least one. */
  readonly path: readonly [string | number, ...(string | number)[]]
  readonly type: SqlType
  /** The type of the table's column for this field, if it has one and its layout names the type. */
  readonly columnType?: FieldType | undefined
}

/** How much of a time is written. */
export type TimeUnit = 'year' | 'month' | 'day' | 'hour' | 'minute'

/** Expressions in the SQL of an engine. They are texts: nothing is asked, and they have no parameters of their own. */
export interface SqlExpressions {
  /**
   * A field within the documents of a table; `NULL` where it is missing, `null` or of another type. The text is the same each time, so that it may stand in
   * SELECT and GROUP BY.
   */
  field(field: DocumentField): string
  /**
   * A time, in milliseconds since 1970 as another expression gives it, as the beginning of an ISO text in UTC: `2026-11` for a month, `2026-11-30T22:05` for a
   * minute. It contains that expression once.
   */
  time(time: string, unit: TimeUnit): string
}
