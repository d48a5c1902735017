// Plain SQL in queries, and the pieces from which a statement is made that every engine with SQL understands. Types only.
// Invariant: a field that the rows do not have, or that has another type, does not compile.

import type { EventData, RowOf, TableDefinition } from '../contracts/index.ts'
import type { ReplicaDefinition } from './replica.ts'

/** A SQL statement that another library built, such as kysely's `compile()`. */
export interface CompiledSql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/**
 * A SQL statement, or a part of one. It runs when it is awaited, once; a part that is put into another statement does not run by itself.
 *
 * @example
 * ```ts
 * const orders = sql.table('orders')
 * const big = cents === undefined ? sql`` : sql`AND ${orders.integer('cents')} > ${cents}`
 * const rows = await sql`SELECT key FROM ${orders} WHERE ${orders.text('status')} = ${'open'} ${big}`
 * ```
 */
export interface SqlQuery<Row = Readonly<Record<string, unknown>>> extends Promise<readonly Row[]> {
  readonly kind: 'sql-query'
}

/** An expression to put into a statement: a field of a row, its key, a time. */
export interface SqlExpression {
  readonly kind: 'sql-expression'
}

/** The tables, read models and replicas that SQL may read, by their names. */
export type SqlTables = Readonly<Record<string, TableDefinition | ReplicaDefinition>>

/** How much of a time `sql.time` writes. */
export type SqlTimeUnit = 'year' | 'month' | 'day' | 'hour' | 'minute'

/** Queries tables, read models and replicas with plain SQL, read only. */
export interface Sql<T extends SqlTables = SqlTables> {
  /**
   * A SELECT: `` sql`SELECT status, count(*) AS n FROM ${sql.table('orders')} WHERE total > ${100} GROUP BY status` ``. A table from `sql.table`
   * becomes its quoted name, a field of it an expression, and another `sql` text a part of this one; every other value becomes a bound parameter. Names in
   * camelCase are quoted, so that no engine changes them. It runs when it is awaited.
   */
  <Row = Readonly<Record<string, unknown>>>(text: TemplateStringsArray, ...values: readonly unknown[]): SqlQuery<Row>
  /** A table, read model or replica of the service. Its columns are `key`, `doc` (JSON text) and the indexed fields; all fields are reached by its methods. */
  table<Name extends keyof T & string>(name: Name): SqlTable<SqlRowOf<T[Name]>>
  /** Values or parts with a separator between them: `` sql`… WHERE key IN (${sql.join(keys)})` ``. */
  join(values: readonly unknown[], separator?: SqlQuery): SqlQuery
  /**
   * The beginning of a time in milliseconds since 1970 as text in UTC: `sql.time(orders.integer('placedAt'), 'month')` gives `2026-11`, with `minute`
   * `2026-11-30T22:05`. It gives `NULL` for `NULL`.
   */
  time(time: SqlExpression | SqlQuery, unit: SqlTimeUnit): SqlQuery
  /** A statement that another library built, in the SQL of the engine. It runs when it is awaited. */
  run<Row = Readonly<Record<string, unknown>>>(query: CompiledSql): SqlQuery<Row>
}

/**
 * Fields of a JSON document. Each gives `NULL` where the field is missing, `null` or of another type, and is the same on every engine, wherever an
 * expression may stand: `` sql`SELECT sum(${payments.integer('cents')}) AS cents FROM ${payments}` ``.
 */
export interface SqlFields<Document = unknown> {
  /** A text. Texts are compared and sorted by their UTF-8 bytes. */
  text(field: FieldWith<Document, string>): SqlExpression
  /** A number, as in JavaScript: `/` gives a fraction. */
  number(field: FieldWith<Document, number>): SqlExpression
  /**
   * A whole number: `/` drops the fraction, `%` is allowed, and sums are exact. Numbers with a fraction, or beyond `Number.MAX_SAFE_INTEGER`, give `NULL`.
   */
  integer(field: FieldWith<Document, number>): SqlExpression
  /** True or false: `WHERE ${orders.boolean('paid')}`. In the rows that you get it is 1 or 0. */
  boolean(field: FieldWith<Document, boolean>): SqlExpression
  /** The fields of an object, or the items of a list, within the document: `orders.in('address').text('city')`, `orders.in('items').in(0).integer('cents')`. */
  in<Field extends FieldOf<Document>>(field: Field): SqlFields<MemberOf<Document, Field>>
}

/** A table in a SQL statement. */
export interface SqlTable<Row = unknown> extends SqlFields<Row> {
  readonly kind: 'sql-table'
  /** The quoted identifier; for a read model, of the generation that serves reads now. */
  readonly identifier: string
  /** The key of a row. */
  readonly key: SqlExpression
  /**
   * The table under another name, for a statement with several: `const o = sql.table('orders').as('o')` writes `… AS "o"` after `FROM`, and its fields are
   * those of `o`. The name begins with one of `a` to `z`; more of these, `A` to `Z`, digits and `_` may follow.
   */
  as(alias: string): SqlTable<Row>
}

/** The rows that SQL finds in a table, read model or replica. */
export type SqlRowOf<D> = D extends TableDefinition
  ? RowOf<D>
  : D extends ReplicaDefinition
    ? EventData<D['of']>
    : unknown

// Of a document that may be of several kinds, the fields of all kinds.
type KeyOf<Document> = Document extends readonly unknown[]
  ? number
  : Document extends object
    ? keyof Document & string
    : never

/** A member of a document that may be of several kinds. */
export type MemberOf<Document, Field> = unknown extends Document ? unknown : MemberOfKind<NonNullable<Document>, Field>

type MemberOfKind<Document, Field> = Document extends readonly (infer Item)[]
  ? Item
  : Document extends object
    ? Field extends keyof Document
      ? Document[Field]
      : undefined
    : undefined

/** The names of a document's fields; the positions of a list's items. */
export type FieldOf<Document> = unknown extends Document ? string | number : KeyOf<NonNullable<Document>>

/** The names of those fields whose values have a type, or are missing or `null`. */
export type FieldWith<Document, Type> = unknown extends Document
  ? string | number
  : NonNullable<Document> extends readonly (infer Item)[]
    ? IfType<Item, Type, number>
    : { [Field in KeyOf<NonNullable<Document>> & string]: IfType<MemberOf<Document, Field>, Type, Field> }[KeyOf<
        NonNullable<Document>
      > &
        string]

type IfType<Value, Type, Field> = unknown extends Value ? Field : NonNullable<Value> extends Type ? Field : never
