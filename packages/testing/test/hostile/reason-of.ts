// Why work was refused. If the function itself broke a schema of its service, `HANDLER_FAILED` says so, and its cause has the reason.

import { isTidingsError } from 'tidings'

/** The code of the reason. */
export function reasonOf(error: unknown): string {
  if (!isTidingsError(error)) return `not a TidingsError: ${String(error)}`
  return error.code === 'HANDLER_FAILED' && isTidingsError(error.cause) ? error.cause.code : error.code
}
