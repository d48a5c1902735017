// Maps SQLite's numeric result codes to Tidings' errors. It never reads the messages, because they change with versions.

import { type ErrorCode, isTidingsError, TidingsError } from 'tidings'
import { refusalOf } from './sqlite-permissions.ts'

/** SQLite's primary result codes that Tidings distinguishes (https://sqlite.org/rescode.html). */
export const resultCode = {
  busy: 5,
  locked: 6,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
} as const

const errorOf: Readonly<Record<number, ErrorCode>> = {
  3: 'STORE_UNAVAILABLE', // PERM
  [resultCode.busy]: 'STORE_UNAVAILABLE',
  [resultCode.locked]: 'STORE_UNAVAILABLE',
  7: 'STORE_UNAVAILABLE', // NOMEM
  8: 'STORE_UNAVAILABLE', // READONLY
  9: 'STORE_UNAVAILABLE', // INTERRUPT
  10: 'STORE_UNAVAILABLE', // IOERR
  11: 'CORRUPT_DATA', // CORRUPT
  [resultCode.full]: 'STORE_UNAVAILABLE',
  [resultCode.cantOpen]: 'STORE_UNAVAILABLE',
  15: 'STORE_UNAVAILABLE', // PROTOCOL
  18: 'PAYLOAD_TOO_LARGE', // TOOBIG
  22: 'STORE_UNAVAILABLE', // NOLFS
  [resultCode.notADatabase]: 'CORRUPT_DATA',
}

interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR'
  /** The extended result code. */
  readonly errcode: number
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** The primary result code of an error of SQLite, otherwise `undefined`. */
export function resultCodeOf(error: unknown): number | undefined {
  return isSqliteError(error) ? error.errcode & 0xff : undefined
}

/** What a file without permission makes SQLite say. */
const maybeRefused: ReadonlySet<number> = new Set([3, 8, 10, resultCode.cantOpen])

/**
 * Turns an error of SQLite, or of the file system, into one of the registry. `doing` is the part of the message that says what was tried, and `file` the
 * database: if the process may not use it, the message says so. Other errors stay unchanged.
 */
export function toTidingsError(error: unknown, doing: string, file?: string): unknown {
  if (isTidingsError(error)) return error
  const code = resultCodeOf(error)
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return new TidingsError('CLOSED', `SQLite could not ${doing}: the store was closed.`, { cause: error })
  }
  if (isFileError(error)) return unavailable(`Could not ${doing}: ${error.message}.`, {}, error, file ?? error.path)
  if (!isSqliteError(error) || code === undefined) return error
  const message = `SQLite could not ${doing}: ${error.message}.`
  const details = { sqliteCode: error.errcode }
  if (maybeRefused.has(code)) return unavailable(message, details, error, file)
  return new TidingsError(errorOf[code] ?? 'INVARIANT', message, { details, cause: error })
}

interface FileError extends Error {
  readonly code: string
  readonly path?: string
}

function isFileError(error: unknown): error is FileError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

/** `STORE_UNAVAILABLE`, with the file that the process may not use, if there is one. */
export function unavailable(
  message: string,
  details: Readonly<Record<string, unknown>>,
  cause: unknown,
  file: string | undefined,
): TidingsError {
  const refusal = file === undefined ? undefined : refusalOf(file)
  if (refusal === undefined) return new TidingsError('STORE_UNAVAILABLE', message, { details, cause })
  return new TidingsError('STORE_UNAVAILABLE', `${message} ${refusal.what}`, {
    details: { ...details, file: refusal.file },
    hint: refusal.hint,
    cause,
  })
}

/** Runs something that uses SQLite and maps the errors it throws. */
export function guarded<T>(doing: string, run: () => T, file?: string): T {
  try {
    return run()
  } catch (error) {
    throw toTidingsError(error, doing, file)
  }
}
