// Maps SQLite's numeric result codes to Tidings' errors. It never reads the messages, because they change with versions.

import { type ErrorCode, isTidingsError, TidingsError } from 'tidings'

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

/**
 * Turns an error of SQLite into one of the registry. `doing` is the part of the message that says what was tried. Other errors stay
 * unchanged.
 */
export function toTidingsError(error: unknown, doing: string): unknown {
  if (isTidingsError(error)) return error
  const code = resultCodeOf(error)
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE') {
    return new TidingsError('CLOSED', `SQLite could not ${doing}: the store was closed.`, { cause: error })
  }
  if (!isSqliteError(error) || code === undefined) return error
  return new TidingsError(errorOf[code] ?? 'INVARIANT', `SQLite could not ${doing}: ${error.message}.`, {
    details: { sqliteCode: error.errcode },
    cause: error,
  })
}

/** Runs something that uses SQLite and maps the errors it throws. */
export function guarded<T>(doing: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw toTidingsError(error, doing)
  }
}
