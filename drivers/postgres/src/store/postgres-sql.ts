// Plain SQL for read models. Invariant: a text is one statement, and it only reads: it becomes a cursor, which Postgres makes of queries alone, in a transaction
// that is read only and is always rolled back. It has a limit of time and of rows, and sees only what is committed.

import { isTidingsError, TidingsError } from 'tidings'
import { inexactNumber } from 'tidings/contracts'
import type { ColumnValue } from 'tidings/ports'
import { type Answer, type PostgresConnection, type ReadColumn, readColumn } from '../database/postgres-connection.ts'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { isLostAnswer, sqlState, sqlStateOf, toTidingsError } from '../database/postgres-errors.ts'

/** What SQL needs from its store. */
export interface SqlOptions {
  readonly connections: PostgresConnections
  /** The most rows of one answer. */
  readonly rowCountMax: number
  /** The longest that a statement runs, in milliseconds. */
  readonly timeoutMs: number
}

/** A row by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>

const [boolType, int8Type, numericType] = [16, 20, 1700]

// Sums of whole numbers are `bigint` or `numeric`, which are wider than a number. True and false are 1 and 0, as on engines that have no others.
const readSqlColumn: ReadColumn = (typeNumber) => {
  if (typeNumber === boolType) return (text) => (text === 't' ? 1 : 0)
  return typeNumber === int8Type || typeNumber === numericType ? exactNumber : readColumn(typeNumber)
}

function exactNumber(text: string): number {
  if (/^-?\d+$/.test(text) && inexactNumber(text) !== undefined)
    throw refused(`it returns ${text}, which a number does not hold; select it as text: CAST(… AS TEXT).`)
  return Number(text)
}

/** Answers a query. */
export async function askSql(options: SqlOptions, text: string, parameters: readonly ColumnValue[]): Promise<SqlRow[]> {
  const statement = withNumberedParameters(text, parameters)
  if (statement === '') throw refused('It is empty.')
  try {
    return await options.connections.borrow((connection) => readBounded(connection, statement, parameters, options))
  } catch (error) {
    if (isTidingsError(error)) throw error
    if (sqlStateOf(error) === sqlState.queryCanceled)
      throw refused(`It ran longer than ${options.timeoutMs} ms (sqlTimeoutMs).`, error)
    const mapped = toTidingsError(error, 'answer SQL')
    const writes = sqlStateOf(error) === sqlState.readOnly
    if (!writes && (isLostAnswer(error) || mapped.retry === 'unavailable')) throw mapped
    throw refused(error instanceof Error ? `${error.message}.` : 'It cannot be run.', error)
  }
}

// All of it is sent at once. If a statement fails, those after it fail, too, and the last one ends the transaction in any case.
async function readBounded(
  connection: PostgresConnection,
  statement: string,
  parameters: readonly ColumnValue[],
  { rowCountMax, timeoutMs }: SqlOptions,
): Promise<SqlRow[]> {
  const answers = await Promise.allSettled([
    connection.run('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY'),
    connection.run(`SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL enable_seqscan = on`),
    connection.query(`DECLARE answer NO SCROLL CURSOR FOR ${statement}`, parameters, readSqlColumn),
    connection.query(`FETCH ${rowCountMax + 1} FROM answer`, [], readSqlColumn),
    connection.run('ROLLBACK'),
  ])
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  const { rows, columns } = (answers[3] as PromiseFulfilledResult<Answer>).value
  if (rows.length > rowCountMax)
    throw refused(`It returns more than ${rowCountMax} rows (sqlRowCountMax); add a LIMIT.`)
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
}

// Texts, quoted names and comments are left as they are.
const parts = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|\?|;\s*$/g

/** The statement with `$1`, `$2`, … for each `?`, each with the type of its value, and without a semicolon at its end. */
export function withNumberedParameters(text: string, parameters: readonly ColumnValue[]): string {
  let number = 0
  const numbered = text.replace(parts, (part) => {
    if (part === '?') {
      const value = parameters[number++]
      return `$${number}${value === undefined || value === null ? '' : `::${typeOf(value)}`}`
    }
    return part.startsWith(';') ? '' : part
  })
  return numbered.trim()
}

// The narrowest type of a whole number: it becomes a wider one by itself where that is asked for, but never the other way round.
function typeOf(value: string | number | boolean): string {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'boolean'
  if (!Number.isSafeInteger(value)) return 'double precision'
  return Math.abs(value) < 2 ** 31 ? 'integer' : 'bigint'
}

function refused(reason: string, cause?: unknown): TidingsError {
  return new TidingsError('SQL_REFUSED', `The SQL statement was refused: ${reason}`, { cause })
}
