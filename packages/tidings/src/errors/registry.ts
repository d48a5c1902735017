// Every operational error Tidings can raise: its code, whether a retry can help, and what to do next.
// Invariant: a code is never reused for another meaning; docs and tests are checked against this table.

/**
 * Whether a retry of the same work can succeed.
 *
 * - `never`: the same input fails again; a handler's event is parked at once.
 * - `backoff`: a retry may succeed; the event is retried after growing delays and parked after `attemptsMax` attempts.
 * - `wait`: something has not arrived yet for this key; only this key waits, and attempts are not counted.
 * - `unavailable`: the owner of a query, the broker or the disk is unavailable; the subscription pauses, and attempts are not counted.
 */
export type Retry = 'never' | 'backoff' | 'wait' | 'unavailable'

interface RegistryEntry {
  readonly retry: Retry
  readonly hint: string
}

function entry(retry: Retry, hint: string): RegistryEntry {
  return { retry, hint }
}

/** The registry: code → retry class and default hint. */
export const errorRegistry = {
  // Definitions
  INVALID_NAME: entry(
    'never',
    'Use lower-case letters and digits, with "-" between words; names of events may also have "." (at most 120 characters).',
  ),
  INVALID_CONTRACT: entry('never', 'Correct the definition; the message names the wrong part.'),
  DUPLICATE_NAME: entry('never', 'Rename one of the two; a name is unique within its kind.'),
  NOT_DECLARED: entry('never', 'Declare it in the definition of the service or function that uses it.'),
  NOT_OWNED: entry(
    'never',
    'Only the service that owns a contract publishes or answers it; define a contract of your own instead.',
  ),
  CONFIG_INVALID: entry('never', 'Correct the configuration as the message says.'),

  // Input
  INVALID_PAYLOAD: entry('never', 'Send data that matches the schema; the details list each issue with its path.'),
  PAYLOAD_NOT_JSON: entry(
    'never',
    'Send plain JSON values: no undefined, NaN, BigInt, Date, class instance or lone surrogate.',
  ),
  PAYLOAD_TOO_LARGE: entry('never', 'Send less data, or raise the limit that the message names.'),
  PAYLOAD_TOO_DEEP: entry('never', "Flatten the data, or raise the service's payloadDepthMax."),
  INVALID_ENVELOPE: entry('never', 'Send a valid CloudEvents 1.0 event; the message names the part to correct.'),
  INVALID_KEY: entry('never', 'Use a non-empty string of at most 512 characters, without control characters.'),
  UNKNOWN_SERVICE: entry('never', 'Use one of the services listed in the details.'),
  UNKNOWN_COMMAND: entry('never', 'Use one of the commands listed in the details.'),
  UNKNOWN_QUERY: entry('never', 'Use one of the queries listed in the details.'),
  UNKNOWN_LIVE_QUERY: entry('never', 'Use one of the live queries listed in the details.'),
  UNKNOWN_READ_MODEL: entry('never', 'Use one of the read models listed in the details.'),
  UNKNOWN_SUBSCRIBER: entry('never', 'Use one of the subscribers listed in the details.'),
  UNKNOWN_PROCESS: entry('never', 'Check the name and the key; `tidings process list` lists all instances.'),
  UNKNOWN_EVENT: entry('never', 'Check the id; `tidings events` lists the published events.'),
  INVALID_TOKEN: entry('never', 'Send a token exactly as a command returned it, or omit it.'),
  INVALID_PAGE: entry(
    'never',
    'Send `next` as `after` exactly as the same reading returned it, or leave `after` out to begin with the first page.',
  ),
  IDEMPOTENCY_KEY_REUSED: entry('never', 'Use a new idempotency key for a different command or input.'),
  UNAUTHENTICATED: entry('never', 'Send valid credentials; `authorize` in the configuration checks them.'),
  FORBIDDEN: entry('never', 'Use credentials that permit this, or ask for permission.'),

  // Stored and received data
  UPCAST_FAILED: entry(
    'backoff',
    'Fix the upcaster, or undo the edit of the version and declare a new one; deploy, and redrive what was parked (`tidings dead redrive`).',
  ),
  DOWNCAST_FAILED: entry('never', 'Fix the downcast; return data of the older version as its handlers receive them.'),
  VERSION_FROM_FUTURE: entry('wait', 'Deploy code that knows this version; the event waits until then.'),
  UNKNOWN_FACT: entry('never', 'Keep the definition and the upcasters of every stored fact in the decider.'),
  CORRUPT_DATA: entry('never', 'Restore the store from a backup (`tidings restore`).'),

  VERSION_EDITED: entry(
    'never',
    'Undo the edit and add a version with an upcaster. Or, if the stored data fit, run `tidings accept-versions` and start again; `tidings dev` starts again when you save a file.',
  ),

  // Concurrency
  EXPECTED_VERSION: entry('backoff', 'Read the stream again and decide on its current version.'),
  CONFLICT: entry(
    'backoff',
    'Concurrent writes changed the same rows each time. Give the commands that write them the same `key`, so that they wait in line; or spread the writes over more keys.',
  ),
  KEY_BUSY: entry('backoff', 'Send it again in a moment; or spread the commands over more keys.'),
  DUPLICATE_VALUES: entry(
    'never',
    'Start the version without `unique`, change or remove all but one row of each value, and start this version again.',
  ),
  LEASE_LOST: entry('unavailable', 'Nothing to do: the instance that has taken over goes on with it.'),
  INSTANCE_REPLACED: entry(
    'never',
    'Give each instance of a service a name of its own; if it was replaced on purpose, stop it.',
  ),
  INSTANCES_RUNNING: entry(
    'never',
    'Stop the other instances of the service, start one with the new code, and then the others.',
  ),
  CODE_OUTDATED: entry(
    'unavailable',
    'Start an instance with the newest code, or, to go back to older code for good, remove the handlers from the newest code first.',
  ),
  NEWER_CODE_MISSING: entry(
    'wait',
    'Start an instance with the newest code: it handles the event. Or, to go back to older code for good, deploy code without that handler as the newest.',
  ),
  STORE_LOCKED: entry('never', 'Stop the other process that has this store open; one store has one writer.'),

  // Handlers
  HANDLER_FAILED: entry(
    'backoff',
    'Read the cause, fix the function, and deploy; then redrive what was parked: an event, a timer or an effect.',
  ),
  HANDLER_TIMEOUT: entry('backoff', 'Make the handler faster, or raise handlerTimeoutMs.'),
  COMMAND_TIMEOUT: entry(
    'backoff',
    'Nothing of it was committed. Make the command faster, or raise handlerTimeoutMs; then send it again.',
  ),
  QUERY_TIMEOUT: entry('backoff', 'Make the query faster, or raise handlerTimeoutMs.'),
  AUTHORIZE_TIMEOUT: entry(
    'backoff',
    'Make `authorize` faster, or give what it calls a time limit of its own; or raise handlerTimeoutMs.',
  ),
  HANDLER_REJECTED: entry(
    'never',
    'An event, a timer or an outcome has no caller who could be told no. Catch the rejection in the function. If it is of a unique value that is taken, the function has returned by then: let it look for the value first, or make the value free; then redrive.',
  ),
  PROCESS_KILLED: entry('never', 'Fix the handler, which crashes its process; then deploy and redrive.'),
  TOO_MANY_ROWS: entry(
    'never',
    'Read in pages: `page({ size, after })` returns `rows` and `next`. Or give a `limit`, if you want only the first rows.',
  ),
  NOT_AWAITED: entry('never', 'Write `await` before the call that the message names, or return its promise.'),
  UNIT_CLOSED: entry('never', 'Await everything that the function starts before it returns.'),
  UNKNOWN_TIMER: entry('never', 'Deploy code that handles the timer, and redrive.'),
  EFFECT_REFUSED: entry('never', 'The other system refuses the request; read the message, fix the cause, and redrive.'),
  EFFECT_TIMEOUT: entry('backoff', "Raise the effect's timeoutMs, or make the other system respond faster."),
  EFFECT_PAUSED: entry('unavailable', 'Check the other system; the effect is retried automatically.'),
  DEFERRED_LIST_FULL: entry(
    'unavailable',
    'Fix and redrive the deferred events (`tidings dead`); the subscription resumes when there is room.',
  ),
  HANDLER_GONE: entry(
    'never',
    "If the handler was renamed, declare `was: '<old name>'` on it, and redrive; otherwise deploy it again, or redrive with `--without-gone`.",
  ),
  LATE_HANDLER: entry(
    'never',
    "If the handler is new, declare from: 'now', or from: 'beginning' to run it over all of history; if it was renamed, declare was: '<old name>'.",
  ),

  // Other services and engines
  REPLICA_ROW_MISSING: entry('wait', 'Wait; the event is retried automatically when the row may have arrived.'),
  SERVICE_UNAVAILABLE: entry(
    'unavailable',
    'Start the service, or wait for its supervisor to restart it; then repeat the request with the same idempotency key.',
  ),
  LOOKUP_UNAVAILABLE: entry(
    'unavailable',
    'Start the service that owns the query; the subscription resumes automatically.',
  ),
  LOOKUP_BEHIND: entry(
    'unavailable',
    'Wait; the lookup is retried automatically until its owner has caught up with the event.',
  ),
  INVALID_ANSWER: entry(
    'never',
    'Check that the URL is that of the HTTP API, and that no proxy, portal or page server answers in its place.',
  ),
  TOO_MANY_REQUESTS: entry('unavailable', 'Send fewer requests, or send this one again later.'),
  READ_BEHIND: entry('unavailable', 'Ask again in a moment, or omit the token for an older answer.'),
  BROKER_UNAVAILABLE: entry('unavailable', 'Check the broker; delivery resumes automatically.'),
  OVERLOADED: entry('unavailable', 'Send it again in a moment, a command with the same idempotency key.'),
  STORE_UNAVAILABLE: entry('unavailable', 'Check the disk and the database; work resumes automatically.'),
  EPOCH_CHANGED: entry(
    'unavailable',
    'The publisher was deleted or restored; choose where to resume with `tidings accept`.',
  ),
  HISTORY_GONE: entry('unavailable', 'Restore the history, or start from the oldest event that is kept.'),
  SQL_UNSUPPORTED: entry('never', 'Use an engine that supports SQL, such as SQLite.'),
  BACKUP_UNSUPPORTED: entry('never', 'Back up the stores with the tools of the database that holds them.'),
  SQL_REFUSED: entry('never', 'Query with a single SELECT statement; change data through tables.'),
  ENGINE_TOO_OLD: entry('never', 'Use the version that the message names, or a newer one.'),

  // Operations
  REBUILD_RUNNING: entry('never', 'Wait until the running rebuild ends; `tidings status` shows it.'),
  TIMED_OUT: entry('backoff', 'Run `tidings status` to see what is still running.'),
  CLOSED: entry('never', 'Create a new one; this one was closed.'),
  INVARIANT: entry('never', 'This is a bug in Tidings; please report it with the message and the stack trace.'),
} as const satisfies Record<string, RegistryEntry>

/** A code of the registry. */
export type ErrorCode = keyof typeof errorRegistry
