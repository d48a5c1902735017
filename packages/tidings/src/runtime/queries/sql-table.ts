// A table in a SQL statement, and the fields of its documents, in the words of the engine.
// Invariant: names and aliases are checked or quoted, so each stays a part of one expression.

import { type FieldType, fieldTypesOf } from '../../contracts/index.ts'
import { shownValue, TidingsError } from '../../errors/index.ts'
import type { DocumentField, SqlExpressions, SqlType } from '../../ports/index.ts'
import type { SqlExpression, SqlFields, SqlTable } from '../../services/index.ts'
import type { BoundTable } from '../tables/bind-tables.ts'

/** A text that becomes a part of a statement. */
export class Expression implements SqlExpression {
  readonly kind = 'sql-expression'
  /** What stands in the statement. */
  readonly written: string

  constructor(written: string) {
    this.written = written
  }
}

/** How a statement names a table. */
export interface TableNames {
  readonly identifier: string
  readonly alias?: string
  readonly expressions: SqlExpressions
}

type Name = string | number

/** Fields of a document of a table, or of an object or a list within it. */
class Fields implements SqlFields {
  readonly #table: BoundTable
  readonly #names: TableNames
  readonly #path: readonly Name[]

  constructor(table: BoundTable, names: TableNames, path: readonly Name[]) {
    this.#table = table
    this.#names = names
    this.#path = path
  }

  text(field: Name): Expression {
    return this.#field(field, 'text')
  }

  number(field: Name): Expression {
    return this.#field(field, 'number')
  }

  integer(field: Name): Expression {
    return this.#field(field, 'integer')
  }

  boolean(field: Name): Expression {
    return this.#field(field, 'boolean')
  }

  in(field: Name): SqlFields {
    return new Fields(this.#table, this.#names, this.#pathTo(field))
  }

  #field(field: Name, type: SqlType): Expression {
    const { alias, expressions } = this.#names
    const path = this.#pathTo(field)
    const columnType = path.length === 1 ? columnTypeOf(this.#table, field) : undefined
    return new Expression(expressions.field({ table: this.#table.physical(), alias, path, type, columnType }))
  }

  #pathTo(field: Name): DocumentField['path'] {
    const isPosition = Number.isSafeInteger(field) && (field as number) >= 0
    if (typeof field !== 'string' && !isPosition)
      throw new TidingsError(
        'SQL_REFUSED',
        `A field of ${this.#table.chain.what} is named by a text or by the position in a list, not by ${shownValue(field)}.`,
      )
    return [...this.#path, field] as unknown as DocumentField['path']
  }
}

/** A table in a statement. */
export class TableInSql extends Fields implements SqlTable {
  readonly kind = 'sql-table'
  readonly identifier: string
  /** What stands in the statement. */
  readonly written: string
  readonly #table: BoundTable
  readonly #names: TableNames

  constructor(table: BoundTable, names: TableNames) {
    super(table, names, [])
    this.identifier = names.identifier
    this.written = names.alias === undefined ? names.identifier : `${names.identifier} AS "${names.alias}"`
    this.#table = table
    this.#names = names
  }

  get key(): Expression {
    const { alias } = this.#names
    return new Expression(alias === undefined ? 'key' : `"${alias}".key`)
  }

  as(alias: string): SqlTable {
    if (typeof alias !== 'string' || !aliasPattern.test(alias))
      throw new TidingsError(
        'SQL_REFUSED',
        `A table cannot be named ${shownValue(alias)} in a statement: a name begins with a small letter, and has up to 60 letters, digits and "_".`,
      )
    return new TableInSql(this.#table, { ...this.#names, alias })
  }
}

const aliasPattern = /^[a-z][A-Za-z0-9_]{0,59}$/

const columnTypes = new WeakMap<BoundTable['chain'], Map<string, FieldType | undefined>>()

function columnTypeOf({ chain, indexes }: BoundTable, field: Name): FieldType | undefined {
  if (typeof field !== 'string' || !indexes.includes(field)) return undefined
  const known = columnTypes.get(chain) ?? new Map<string, FieldType | undefined>()
  columnTypes.set(chain, known)
  if (!known.has(field)) known.set(field, fieldTypesOf(chain, [field])[field])
  return known.get(field)
}
