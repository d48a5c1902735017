// Maps Postgres's error codes (SQLSTATE) to Tidings' errors. It never reads the messages, because they change with versions and languages.

import { type ErrorCode, isTidingsError, TidingsError } from 'tidings'

/** The error codes that the driver's own functions raise, and those of Postgres that it distinguishes (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export const sqlState = {
  /** A table has another layout than the caller believes. */
  layoutChanged: 'TD001',
  /** Another connection has found out what became of this run's last group: the statement must not commit any more. */
  runTakenOver: 'TD002',
  /** The transaction would not see what others commit while it waits for its turn. */
  wrongIsolation: 'TD003',
  /** The store was restored after the caller had opened it. */
  epochEnded: 'TD004',
  undefinedTable: '42P01',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
  undefinedSchema: '3F000',
  wrongType: '42804',
  planChanged: '0A000',
  noSuchStatement: '26000',
  noPrivilege: '42501',
  notInRepertoire: '22021',
  readOnly: '25006',
  duplicate: '23505',
  queryCanceled: '57014',
} as const

const unavailable = 'STORE_UNAVAILABLE'

// By code, or by class: the first two characters.
const errorOf: Readonly<Record<string, ErrorCode>> = {
  [sqlState.epochEnded]: unavailable,
  '08': unavailable, // the connection failed
  [sqlState.readOnly]: unavailable, // the server only reads: a standby
  '28': unavailable, // the role or its password is refused
  '3D000': unavailable, // there is no such database
  '40': unavailable, // the transaction was rolled back, such as a deadlock
  [sqlState.noPrivilege]: unavailable,
  '53': unavailable, // no room on the disk, in memory or for connections
  '54': 'PAYLOAD_TOO_LARGE', // a limit of Postgres
  '55': unavailable, // a lock was not to be had, or an object is in use
  '57': unavailable, // the statement was canceled, or the server shuts down
  '58': unavailable, // input and output
  XX001: 'CORRUPT_DATA',
  XX002: 'CORRUPT_DATA',
  [sqlState.notInRepertoire]: 'PAYLOAD_NOT_JSON',
}

/** The error code of an error that Postgres has answered with, otherwise `undefined`. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether an error comes from code that is wrong, and not from Postgres or the connection to it. */
function isBug(error: unknown): boolean {
  return bugs.some((kind) => error instanceof kind)
}

const bugs = [TypeError, ReferenceError, RangeError, SyntaxError]

/** Whether an error says nothing of what became of the statement: no answer came, or the server ended the connection. */
export function isLostAnswer(error: unknown): boolean {
  if (isTidingsError(error) || isBug(error)) return false
  const code = sqlStateOf(error)
  return code === undefined || code.startsWith('08') || (code.startsWith('57P') && code !== '57P03')
}

/** Turns an error of Postgres or of the connection to it into one of the registry. `doing` is the part of the message that says what was tried. */
export function toTidingsError(error: unknown, doing: string, otherwise: ErrorCode = unavailable): TidingsError {
  if (isTidingsError(error)) return error
  const code = sqlStateOf(error)
  const said = error instanceof Error ? error.message : String(error)
  const message = `Postgres could not ${doing}: ${said}.`
  if (isBug(error)) return new TidingsError('INVARIANT', `Could not ${doing}: ${said}.`, { cause: error })
  if (code === undefined) return new TidingsError(otherwise, message, { cause: error })
  const mapped = errorOf[code] ?? errorOf[code.slice(0, 2)] ?? 'INVARIANT'
  const details = { sqlState: code }
  return new TidingsError(mapped === unavailable ? otherwise : mapped, message, { details, cause: error })
}

/** Waits for something that uses Postgres and maps the errors it rejects with. */
export async function guarded<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toTidingsError(error, doing)
  }
}
