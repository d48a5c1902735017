// Plain SQL for read models. Invariant: a text is one statement, and it only reads: the connection, a pragma and SQLite's authorizer each
// ensure that. It reads tables of the application and never the store's own, sees only what is committed, and returns a bounded number of
// rows.

import { constants, type DatabaseSync, type StatementSync } from 'node:sqlite'
import { isTidingsError, TidingsError } from 'tidings'
import { inexactNumber } from 'tidings/contracts'
import type { ColumnValue } from 'tidings/ports'
import { type Durability, openConnection } from '../database/sqlite-connection.ts'
import { toTidingsError } from '../database/sqlite-errors.ts'
import { bindable } from './sqlite-tables.ts'

/** What SQL needs from its store. */
export interface SqlOptions {
  readonly path: string
  readonly durability: Durability
  /** The most rows of one answer. */
  readonly rowCountMax: number
}

/** How many statements are kept prepared. Applications use the same few again and again. */
const statementCountMax = 100

/** A row by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>

/** Queries a store with SQL. */
export interface SqlReader {
  ask(text: string, parameters: readonly ColumnValue[]): SqlRow[]
  close(): void
}

/** Makes a reader. Its connection opens with the first query. */
export function createSqlReader({ path, durability, rowCountMax }: SqlOptions): SqlReader {
  let database: DatabaseSync | undefined

  const statements = new Map<string, StatementSync>()

  function prepared(text: string): StatementSync {
    const known = statements.get(text)
    if (known !== undefined) return known
    database ??= openGuarded(path, durability)
    const statement = database.prepare(text)
    const rest = text.slice(text.indexOf(statement.sourceSQL) + statement.sourceSQL.length)
    if (rest.trim() !== '') throw refused('There is more than one statement.')
    if (statements.size === statementCountMax) statements.clear()
    statements.set(text, statement)
    return statement
  }

  return {
    ask: (text, parameters) => {
      try {
        return readBounded(prepared(text), parameters, rowCountMax)
      } catch (error) {
        statements.delete(text)
        const mapped = toTidingsError(error, 'answer')
        if (isTidingsError(mapped) && mapped.code !== 'INVARIANT') throw mapped
        throw refused(error instanceof Error ? `${error.message}.` : 'It cannot be run.', error)
      }
    },
    close: () => database?.close(),
  }
}

function readBounded(statement: StatementSync, parameters: readonly ColumnValue[], rowCountMax: number): SqlRow[] {
  try {
    return readRows(statement, parameters, rowCountMax)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_OUT_OF_RANGE') throw error
  }
  // SQLite has a whole number beyond 2^53, which `node:sqlite` gives only as a BigInt.
  statement.setReadBigInts(true)
  try {
    return readRows(statement, parameters, rowCountMax).map(withNumbers)
  } finally {
    statement.setReadBigInts(false)
  }
}

function readRows(statement: StatementSync, parameters: readonly ColumnValue[], rowCountMax: number): SqlRow[] {
  const rows: SqlRow[] = []
  for (const row of statement.iterate(...parameters.map(bindable))) {
    if (rows.length === rowCountMax)
      throw refused(`It returns more than ${rowCountMax} rows (sqlRowCountMax); add a LIMIT.`)
    rows.push({ ...row })
  }
  return rows
}

function withNumbers(row: SqlRow): SqlRow {
  const numbers: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    numbers[name] = typeof value === 'bigint' ? Number(value) : value
    if (typeof value === 'bigint' && inexactNumber(String(value)) !== undefined)
      throw refused(`${name} is ${value}, which a number does not hold; select it as TEXT or REAL: CAST(… AS TEXT).`)
  }
  return numbers
}

function openGuarded(path: string, durability: Durability): DatabaseSync {
  const database = openConnection(path, { durability, readOnly: true })
  database.exec('PRAGMA query_only = ON; PRAGMA case_sensitive_like = ON')
  database.setAuthorizer((action, subject) =>
    isAllowed(action, subject) ? constants.SQLITE_OK : constants.SQLITE_DENY,
  )
  return database
}

function isAllowed(action: number, subject: string | null): boolean {
  if (action === constants.SQLITE_READ) return subject === null || !/^(?:tidings_|sqlite_|pragma_)/i.test(subject)
  return (
    action === constants.SQLITE_SELECT || action === constants.SQLITE_FUNCTION || action === constants.SQLITE_RECURSIVE
  )
}

function refused(reason: string, cause?: unknown): TidingsError {
  return new TidingsError('SQL_REFUSED', `The SQL statement was refused: ${reason}`, { cause })
}
