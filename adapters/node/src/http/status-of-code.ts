// The one table from error codes to HTTP status codes: the core knows nothing of HTTP, and no other file of the edge picks a status.

import type { ErrorCode } from 'tidings'

/** The HTTP status of every code of the registry. A new code has no status until it is given one here: the types say so. */
export const statusOfCode = {
  // The system is put together wrongly: nothing the caller can mend.
  INVALID_NAME: 500,
  INVALID_CONTRACT: 500,
  DUPLICATE_NAME: 500,
  NOT_DECLARED: 500,
  NOT_OWNED: 500,
  CONFIG_INVALID: 500,
  LATE_HANDLER: 500,

  // What the caller sent
  INVALID_PAYLOAD: 422,
  PAYLOAD_NOT_JSON: 400,
  PAYLOAD_TOO_LARGE: 413,
  PAYLOAD_TOO_DEEP: 400,
  INVALID_ENVELOPE: 400,
  INVALID_KEY: 400,
  UNKNOWN_SERVICE: 404,
  UNKNOWN_COMMAND: 404,
  UNKNOWN_QUERY: 404,
  UNKNOWN_LIVE_QUERY: 404,
  UNKNOWN_READ_MODEL: 404,
  UNKNOWN_SUBSCRIBER: 404,
  UNKNOWN_PROCESS: 404,
  UNKNOWN_EVENT: 404,
  INVALID_TOKEN: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,

  // What the service has
  UPCAST_FAILED: 500,
  VERSION_FROM_FUTURE: 503,
  UNKNOWN_FACT: 500,
  CORRUPT_DATA: 500,
  HISTORY_GONE: 500,
  SQL_UNSUPPORTED: 501,
  SQL_REFUSED: 500,
  ENGINE_TOO_OLD: 500,

  // Others at the same time
  EXPECTED_VERSION: 409,
  CONFLICT: 503,
  STORE_LOCKED: 503,
  REBUILD_RUNNING: 409,

  // What the service did
  HANDLER_FAILED: 500,
  HANDLER_TIMEOUT: 504,
  HANDLER_REJECTED: 500,
  PROCESS_KILLED: 500,
  UNKNOWN_TIMER: 500,
  EFFECT_REFUSED: 500,
  EFFECT_TIMEOUT: 504,
  UNIT_CLOSED: 500,
  INVARIANT: 500,

  // Not now
  HELD_LIST_FULL: 503,
  REPLICA_ROW_MISSING: 503,
  LOOKUP_UNAVAILABLE: 503,
  LOOKUP_BEHIND: 503,
  READ_BEHIND: 503,
  BROKER_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  SERVICE_UNAVAILABLE: 503,
  EPOCH_CHANGED: 503,
  EFFECT_PAUSED: 503,
  TIMED_OUT: 504,
  CLOSED: 503,
} as const satisfies Record<ErrorCode, number>
