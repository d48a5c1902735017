// Every operational error Tidings can raise: its code, whether a retry can help, and what to do next.
// Invariant: a code is never reused for another meaning; docs and tests are checked against this table.

/**
 * What a retry of the same work can achieve.
 *
 * - `never`: the same input fails again; a handler's event is parked at once.
 * - `backoff`: it may pass; tried again with growing pauses, counted, parked when the attempts are used up.
 * - `wait`: something has yet to arrive for this key; only the key waits, attempts are not counted.
 * - `unavailable`: an owner, broker or disk cannot serve; the subscription pauses, attempts are not counted.
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
    'Use lower-case words of letters and digits, joined by "-" and separated by "." (at most 120 characters).',
  ),
  INVALID_CONTRACT: entry('never', 'Correct the definition; the message names the part that is wrong.'),
  DUPLICATE_NAME: entry('never', 'Rename one of the two; names are unique within their kind.'),
  NOT_DECLARED: entry(
    'never',
    'Declare it where the service or handler is defined; only what is declared can be used.',
  ),
  NOT_OWNED: entry('never', 'Only the owner of a contract publishes it; publish a contract of your own instead.'),
  CONFIG_INVALID: entry('never', 'Correct tidings.config.ts as the message says.'),

  // Input
  INVALID_PAYLOAD: entry('never', 'Send data that fits the schema; the details list each issue with its path.'),
  PAYLOAD_NOT_JSON: entry(
    'never',
    'Send plain JSON values: no undefined, NaN, BigInt, Date, class instance or lone surrogate.',
  ),
  PAYLOAD_TOO_LARGE: entry('never', 'Send less, or raise the limit named in the message for this service.'),
  PAYLOAD_TOO_DEEP: entry('never', 'Flatten the data, or raise payloadDepthMax for this service.'),
  INVALID_ENVELOPE: entry('never', 'Send a CloudEvents 1.0 event with the attributes named in the message.'),
  INVALID_KEY: entry('never', 'A key is a non-empty string of at most 512 characters without control characters.'),
  UNKNOWN_SERVICE: entry('never', 'Name one of the services listed in the details.'),
  UNKNOWN_COMMAND: entry('never', 'Send one of the commands listed in the details.'),
  UNKNOWN_QUERY: entry('never', 'Ask one of the queries listed in the details.'),
  UNKNOWN_LIVE_QUERY: entry('never', 'Read one of the live queries listed in the details.'),
  UNKNOWN_READ_MODEL: entry('never', 'Name one of the read models listed in the details.'),
  UNKNOWN_SUBSCRIBER: entry('never', 'Name one of the subscribers listed in the details.'),
  UNKNOWN_PROCESS: entry('never', 'Check the name and the key; `tidings process list` shows what there is.'),
  UNKNOWN_EVENT: entry('never', 'Check the id; `tidings events` lists what was published.'),
  INVALID_TOKEN: entry('never', 'Send a token as a command answered it, or leave it out.'),
  IDEMPOTENCY_KEY_REUSED: entry('never', 'Use a new idempotency key for a different command or input.'),
  UNAUTHENTICATED: entry('never', 'Send the credentials that `authorize` asks for.'),
  FORBIDDEN: entry('never', 'Ask for the right to do this, or use other credentials.'),

  // Data at rest and on the way
  UPCAST_FAILED: entry('backoff', 'Mend the upcaster or its data, deploy, and redrive.'),
  VERSION_FROM_FUTURE: entry('wait', 'Deploy code that knows this version; the event waits until then.'),
  UNKNOWN_FACT: entry('never', 'Keep every fact a stream has ever held in the decider, with its upcasters.'),
  CORRUPT_DATA: entry('never', 'Restore the store from a backup (`tidings restore`).'),

  // Concurrency
  EXPECTED_VERSION: entry('backoff', 'Read the stream again and decide on its present version.'),
  CONFLICT: entry('backoff', 'Others changed the same rows again and again; spread the writes over more keys.'),
  STORE_LOCKED: entry('never', 'Stop the other process that has this store open; one store has one writer.'),

  // Handlers
  HANDLER_FAILED: entry('backoff', 'Read the cause, mend the handler, deploy, and redrive.'),
  HANDLER_TIMEOUT: entry('backoff', 'Make the handler answer sooner, or raise handlerTimeoutMs.'),
  HANDLER_REJECTED: entry(
    'never',
    'A command executed by a handler was rejected; handle the rejection in the handler.',
  ),
  PROCESS_KILLED: entry('never', 'The handler ends its process; mend it, deploy, and redrive.'),
  UNIT_CLOSED: entry('never', 'Await everything a handler does before it returns.'),
  UNKNOWN_TIMER: entry('never', 'Deploy code that has the function again, and redrive.'),
  EFFECT_REFUSED: entry('never', 'The other side will not take it; read the message, mend the cause, and redrive.'),
  EFFECT_TIMEOUT: entry('backoff', 'Raise timeoutMs of the effect, or make the other side answer sooner.'),
  EFFECT_PAUSED: entry('unavailable', 'The other side fails again and again; it is tried again by itself.'),
  DEFERRED_LIST_FULL: entry(
    'unavailable',
    'Redrive or mend what is held (`tidings dead`); the subscription goes on as soon as there is room.',
  ),
  LATE_HANDLER: entry('never', "Declare from: 'beginning' or from: 'now' on the handler that was added."),

  // Other services and engines
  REPLICA_ROW_MISSING: entry('wait', 'The row has not arrived yet; the event is tried again when it may have.'),
  SERVICE_UNAVAILABLE: entry(
    'unavailable',
    'Start the service, or wait until its supervisor has; a request with an idempotency key can be repeated.',
  ),
  LOOKUP_UNAVAILABLE: entry('unavailable', 'Start the owner of the query; the subscription goes on by itself.'),
  LOOKUP_BEHIND: entry('unavailable', 'The owner has not caught up with the event yet; the lookup is tried again.'),
  READ_BEHIND: entry(
    'unavailable',
    'The read model has not caught up with the token yet; ask again, or leave the token out for an older answer.',
  ),
  BROKER_UNAVAILABLE: entry('unavailable', 'Check the broker; delivery goes on by itself.'),
  STORE_UNAVAILABLE: entry('unavailable', 'Check the disk and the database; work goes on by itself.'),
  EPOCH_CHANGED: entry(
    'unavailable',
    'The publisher was deleted or restored; decide from where to go on with `tidings accept`.',
  ),
  HISTORY_GONE: entry('unavailable', 'Start from what is kept, or restore the history.'),
  SQL_UNSUPPORTED: entry('never', 'Use an engine whose capabilities include sql (SQLite, Postgres).'),
  BACKUP_UNSUPPORTED: entry('never', 'Back the stores up by the means of the technology that holds them.'),
  SQL_REFUSED: entry('never', 'Read models are queried with one SELECT; change data through tables.'),
  ENGINE_TOO_OLD: entry('never', 'Use the version named in the message or a newer one.'),

  // Operations
  REBUILD_RUNNING: entry('never', 'Wait until the running rebuild has ended (`tidings status`).'),
  TIMED_OUT: entry('backoff', 'Look at `tidings status` for what is still at work.'),
  CLOSED: entry('never', 'Create a new one; this one was closed.'),
  INVARIANT: entry('never', 'This is a bug in Tidings; please report it with the message and the stack.'),
} as const satisfies Record<string, RegistryEntry>

/** A code of the registry. */
export type ErrorCode = keyof typeof errorRegistry
