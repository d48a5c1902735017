// The exit codes of the command. Stable: scripts read these numbers. `docs/reference/cli.md` explains them.

import type { ErrorCode } from 'tidings'

/** The exit codes of the command. */
export const exitCodes = {
  /** The command succeeded. */
  ok: 0,
  /** The command failed while it ran. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
  /** A process that has to answer is not running, or does not answer. */
  notRunning: 3,
  /** Something that was named does not exist. */
  notFound: 4,
  /** The command was refused: a store is open, a folder is not empty, a token is missing. */
  refused: 5,
  /** `start` was told to end, and what was in progress did not end within its time. Nothing that was acknowledged is lost. */
  incomplete: 6,
  /** This Node is older than 24; the launcher says so before anything else. */
  nodeTooOld: 78,
  /** Interrupted a second time before the command had ended gracefully (128 + SIGINT). */
  interrupted: 130,
} as const

/** An exit code. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const byCode: Partial<Record<ErrorCode, ExitCode>> = {
  CONFIG_INVALID: exitCodes.usage,
  INVALID_NAME: exitCodes.usage,
  INVALID_CONTRACT: exitCodes.usage,
  DUPLICATE_NAME: exitCodes.usage,
  NOT_DECLARED: exitCodes.usage,
  NOT_OWNED: exitCodes.usage,
  SERVICE_UNAVAILABLE: exitCodes.notRunning,
  LOOKUP_UNAVAILABLE: exitCodes.notRunning,
  BROKER_UNAVAILABLE: exitCodes.notRunning,
  STORE_UNAVAILABLE: exitCodes.notRunning,
  UNKNOWN_SERVICE: exitCodes.notFound,
  UNKNOWN_COMMAND: exitCodes.notFound,
  UNKNOWN_QUERY: exitCodes.notFound,
  UNKNOWN_READ_MODEL: exitCodes.notFound,
  UNKNOWN_SUBSCRIBER: exitCodes.notFound,
  UNKNOWN_PROCESS: exitCodes.notFound,
  UNKNOWN_EVENT: exitCodes.notFound,
  UNAUTHENTICATED: exitCodes.refused,
  FORBIDDEN: exitCodes.refused,
  STORE_LOCKED: exitCodes.refused,
  BACKUP_UNSUPPORTED: exitCodes.refused,
  REBUILD_RUNNING: exitCodes.refused,
}

/** The exit code for an error of the registry. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return byCode[code] ?? exitCodes.failed
}
