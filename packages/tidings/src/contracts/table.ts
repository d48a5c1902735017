// Tables: typed documents by key, with secondary indexes and versions of the row schema. Old rows are migrated when they are read.

import { TidingsError } from '../errors/index.ts'
import { checkSimpleName } from './names.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a table. */
export interface TableTypes {
  readonly input: unknown
  readonly row: unknown
  readonly index: string
}

/** A table's definition. */
export interface TableDefinition<T extends TableTypes = TableTypes> {
  readonly kind: 'table'
  readonly name: string
  readonly chain: VersionChain
  /** The indexed fields, in order of declaration; plain SQL sees them as columns. */
  readonly indexes: readonly string[]
  /** The key of a row. */
  keyOf(row: T['row']): string
  /** Types only; never set. */
  readonly '~types'?: T
}

/** A table to which you can add secondary indexes. */
export interface Table<T extends TableTypes> extends TableDefinition<T> {
  /**
   * Adds a secondary index over a top-level field (string, number or boolean); the field also becomes a column for plain SQL.
   *
   * Throws `INVALID_CONTRACT` if the field is indexed twice or cannot be a column.
   */
  index<Field extends keyof T['row'] & string>(
    field: Field,
  ): Table<{ input: T['input']; row: T['row']; index: T['index'] | Field }>
}

/** A table to which you can add versions; `key` completes it. */
export interface TableVersions<T extends TableTypes> {
  /** Adds the next version of the row schema; `migrate` converts a row of the version before when it is read. */
  version<S extends Schema>(
    version: number,
    schema: S,
    migrate: (older: T['row']) => InputOf<S>,
  ): TableVersions<{ input: InputOf<S>; row: OutputOf<S>; index: never }>
  /** Completes the table with the key of its rows. */
  key(keyOf: (row: T['row']) => string): Table<{ input: T['input']; row: T['row']; index: never }>
}

/** A table without versions yet. */
export interface TableDraft {
  /** Adds version 1 of the row schema. */
  version<S extends Schema>(version: 1, schema: S): TableVersions<{ input: InputOf<S>; row: OutputOf<S>; index: never }>
}

/** Defines a table: `defineTable('parcels').version(1, schema).key((row) => row.id).index('orderId')`. Throws `INVALID_NAME`. */
export function defineTable(name: string): TableDraft {
  checkSimpleName('table', name)
  return { version: (version, schema) => versions(name, startChain(`Table ${name}`, version, schema)) }
}

function versions<T extends TableTypes>(name: string, chain: VersionChain): TableVersions<T> {
  return {
    version: (version, schema, migrate) => versions(name, extendChain(chain, version, schema, migrate as never)),
    key: (keyOf) => table<{ input: T['input']; row: T['row']; index: never }>(name, chain, keyOf, []),
  }
}

const indexable = /^[A-Za-z][A-Za-z0-9_]{0,59}$/

function table<T extends TableTypes>(
  name: string,
  chain: VersionChain,
  keyOf: (row: T['row']) => string,
  indexes: readonly string[],
): Table<T> {
  return {
    kind: 'table',
    name,
    chain,
    indexes,
    keyOf,
    index: (field) => {
      if (indexes.some((other) => other.toLowerCase() === field.toLowerCase())) {
        throw new TidingsError('INVALID_CONTRACT', `Table ${name} indexes ${JSON.stringify(field)} twice.`)
      }
      if (!indexable.test(field)) {
        throw new TidingsError(
          'INVALID_CONTRACT',
          `Table ${name} cannot index ${JSON.stringify(field)}: a field has only letters, digits and "_".`,
        )
      }
      return table(name, chain, keyOf, [...indexes, field])
    },
  }
}

/** A row that you read from a table. */
export type RowOf<T extends TableDefinition> = NonNullable<T['~types']>['row']

/** A row that `put` accepts. */
export type RowInput<T extends TableDefinition> = NonNullable<T['~types']>['input']

/** The indexed fields of a table. */
export type IndexOf<T extends TableDefinition> = NonNullable<T['~types']>['index']
