// Tables: typed documents by key, with secondary indexes and versions of the row schema. Old rows are migrated when they are read.

import { checkIsText, checkList, checkObject, shownValue, TidingsError } from '../errors/index.ts'
import { checkKeyFunction } from './check-options.ts'
import { checkName, checkSimpleName } from './names.ts'
import type { NextVersionIs, NumberAfter } from './next-version.ts'
import type { IfSame } from './same-type.ts'
import type { InputOf, OutputOf, Schema } from './schema.ts'
import { extendChain, startChain, type VersionChain } from './versions.ts'

/** The types of a table. */
export interface TableTypes {
  readonly name: string
  readonly input: unknown
  readonly row: unknown
  readonly index: string
}

/** The types of a table whose schema does not change what it accepts. */
export interface TableOf<Name extends string, Row, Index extends string = never> extends TableTypes {
  readonly name: Name
  readonly input: Row
  readonly row: Row
  readonly index: Index
}

/** The types of a table whose schema accepts one type and returns another. */
export interface ParsedTableOf<Name extends string, Input, Row, Index extends string = never> extends TableTypes {
  readonly name: Name
  readonly input: Input
  readonly row: Row
  readonly index: Index
}

type TableTypesOf<Name extends string, Input, Row, Index extends string> = IfSame<
  Input,
  Row,
  TableOf<Name, Row, Index>,
  ParsedTableOf<Name, Input, Row, Index>
>

/** A table's definition. */
export interface TableDefinition<T extends TableTypes = TableTypes> {
  readonly kind: 'table'
  readonly name: T['name']
  readonly chain: VersionChain
  /** The indexed fields, in order of declaration; plain SQL sees them as columns. */
  readonly indexes: readonly string[]
  /** What may occur once in the table, in order of declaration. */
  readonly uniques: readonly Unique[]
  /** The key of a row. */
  keyOf(row: T['row']): string
  /** Types only; never set. */
  readonly '~types'?: T
}

/** Fields whose values together may occur in one row of a table only. */
export interface Unique {
  readonly fields: readonly string[]
  /** The code of the rejection. */
  readonly code: string
  /** The sentence of the rejection. */
  readonly message: string
  /** The code of the rejection of a value that is too long. */
  readonly tooLong: string
}

/** Options of `unique`. */
export interface UniqueOptions {
  /** The code of the rejection. Default: `email-taken` for a field `email`. */
  readonly code?: string
  /** The sentence of the rejection, for people. Default: `Another row of accounts has the same email.` */
  readonly message?: string
  /** The code of the rejection of a value of more than 510 characters. Default: `email-too-long` for a field `email`. */
  readonly tooLong?: string
}

/** A table to which you can add secondary indexes, and what may occur once. */
export interface Table<T extends TableTypes> extends TableDefinition<T> {
  /**
   * Adds a secondary index over a top-level field (string, number or boolean); the field also becomes a column for plain SQL.
   *
   * Throws `INVALID_CONTRACT` if the field is indexed twice or cannot be a column.
   */
  index<Field extends keyof T['row'] & string>(
    field: Field,
  ): Table<TableTypesOf<T['name'], T['input'], T['row'], T['index'] | Field>>
  /**
   * Lets a value occur in one row only: `.unique('email')`, or for the values of several fields together `.unique(['tenant', 'email'])`. Fields
   * are top-level strings, numbers or booleans. A row in which one of them is null or absent is not compared. Texts are compared exactly, so
   * make them alike in the schema (`z.string().toLowerCase()`).
   *
   * Of two functions that write the same value, even at the same moment, the second one does not take effect: a command is answered with a
   * rejection of this code, and in an event's handler it is the failure of that event alone. When the function has returned, the rows that
   * it has written count, so it may swap two values. If you add `unique` to a table that has rows, the next start checks them; it throws
   * `DUPLICATE_VALUES` if some have the same value. For tables of a service only: a read model cannot refuse what has happened.
   *
   * It makes no index: to find rows by the field, add `.index` too.
   */
  unique<Field extends keyof T['row'] & string>(
    fields: Field | readonly [Field, ...Field[]],
    options?: UniqueOptions,
  ): Table<T>
}

/** The `kind` of a table without a key: a sentence, so that the compiler shows it where a finished table is expected. */
export type TableWithoutKey = 'a table without a key: finish it with .key((row) => …)'

const withoutKey: TableWithoutKey = 'a table without a key: finish it with .key((row) => …)'

/** A table to which you can add versions; `key` completes it. */
export interface TableVersions<T extends TableTypes, V extends number = number>
  extends Omit<TableDefinition<T>, 'kind'> {
  readonly kind: TableWithoutKey
  /** Adds the next version of the row schema; `migrate` converts a row of the version before when it is read. */
  version<S extends Schema>(
    version: NextVersionIs<NumberAfter<V>>,
    schema: S,
    migrate: (older: T['row']) => InputOf<S>,
  ): TableVersions<TableTypesOf<T['name'], InputOf<S>, OutputOf<S>, never>, NumberAfter<V>>
  /** Completes the table with the key of its rows. */
  key(keyOf: (row: T['row']) => string): Table<T>
}

/** A table without versions yet. */
export interface TableDraft<Name extends string = string> {
  /** Adds version 1 of the row schema. */
  version<S extends Schema>(
    version: NextVersionIs<1>,
    schema: S,
  ): TableVersions<TableTypesOf<Name, InputOf<S>, OutputOf<S>, never>, 1>
}

/** Defines a table: `defineTable('parcels').version(1, schema).key((row) => row.id).index('orderId')`. Throws `INVALID_NAME`. */
export function defineTable<const Name extends string>(name: Name): TableDraft<Name> {
  checkSimpleName('table', name)
  return { version: (version, schema) => versions(name, startChain(`Table ${name}`, version as number, schema)) }
}

function versions<T extends TableTypes, V extends number>(name: T['name'], chain: VersionChain): TableVersions<T, V> {
  return {
    kind: withoutKey,
    name,
    chain,
    indexes: [],
    uniques: [],
    keyOf: () => {
      throw new TidingsError('INVALID_CONTRACT', `Table ${name} has no key; finish it with .key((row) => …).`)
    },
    version: (version, schema, migrate) =>
      versions(name, extendChain(chain, version as number, schema, migrate as never)) as never,
    key: (keyOf) => {
      checkKeyFunction(`table ${name}`, keyOf)
      return table<T>(name, chain, keyOf, [], [])
    },
  }
}

const indexable = /^[A-Za-z][A-Za-z0-9_]{0,59}$/

function table<T extends TableTypes>(
  name: T['name'],
  chain: VersionChain,
  keyOf: (row: T['row']) => string,
  indexes: readonly string[],
  uniques: readonly Unique[],
): Table<T> {
  return {
    kind: 'table',
    name,
    chain,
    indexes,
    uniques,
    keyOf,
    unique: (fields, options = {}) => {
      checkUnique(name, fields, options)
      const unique = uniqueOf(name, typeof fields === 'string' ? [fields] : fields, options)
      if (uniques.some((other) => other.fields.join() === unique.fields.join()))
        throw new TidingsError('INVALID_CONTRACT', `Table ${name} declares ${unique.fields.join(', ')} unique twice.`)
      return table<T>(name, chain, keyOf, indexes, [...uniques, unique])
    },
    index: (field) => {
      checkIsText(field, { what: `The index of table ${name}`, hint: "Name a field of the rows: `.index('email')`." })
      if (indexes.some((other) => other.toLowerCase() === field.toLowerCase())) {
        throw new TidingsError('INVALID_CONTRACT', `Table ${name} indexes ${JSON.stringify(field)} twice.`)
      }
      if (!indexable.test(field)) {
        throw new TidingsError(
          'INVALID_CONTRACT',
          `Table ${name} cannot index ${JSON.stringify(field)}: a field has only letters, digits and "_".`,
        )
      }
      return table(name, chain, keyOf, [...indexes, field], uniques)
    },
  }
}

function checkUnique(name: string, fields: unknown, options: UniqueOptions): void {
  const hint = "Name fields of the rows: `.unique('email')`, or `.unique(['tenant', 'email'])`."
  if (typeof fields !== 'string') checkList(fields, { what: `What is unique in table ${name}`, hint })
  checkObject(options, { what: `The options of .unique(…) of table ${name}`, hint: "Write `{ code: 'email-taken' }`." })
  if (options.message !== undefined)
    checkIsText(options.message, { what: `The message of .unique(…) of table ${name}`, hint: 'Write one sentence.' })
}

function uniqueOf(name: string, fields: readonly string[], { code, message, tooLong }: UniqueOptions): Unique {
  const at = fields.findIndex((field) => typeof field !== 'string' || !indexable.test(field))
  if (at >= 0 || fields.length === 0 || new Set(fields).size < fields.length) {
    throw new TidingsError(
      'INVALID_CONTRACT',
      `Table ${name} cannot declare ${at < 0 ? JSON.stringify(fields) : shownValue(fields[at])} unique: name each field once, with letters, digits and "_" only.`,
    )
  }
  const words = fields.map((field) =>
    field
      .replaceAll(/(?<=[a-z0-9])[A-Z]/g, '-$&')
      .replaceAll(/_+/g, '-')
      .replace(/-$/, '')
      .toLowerCase(),
  )
  const field = words.join('-')
  for (const given of [code, tooLong]) if (given !== undefined) checkName('rejection code', given)
  return {
    fields: [...fields],
    code: code ?? `${field}-taken`,
    message: message ?? `Another row of ${name} has the same ${fields.join(' and ')}.`,
    tooLong: tooLong ?? `${field}-too-long`,
  }
}

/** A row that you read from a table. */
export type RowOf<T extends TableDefinition> = NonNullable<T['~types']>['row']

/** A row that `put` accepts. */
export type RowInput<T extends TableDefinition> = NonNullable<T['~types']>['input']

/** The name of a table. */
export type TableNameOf<T extends TableDefinition> = NonNullable<T['~types']>['name']

/** The indexed fields of a table. */
export type IndexOf<T extends TableDefinition> = NonNullable<T['~types']>['index']
