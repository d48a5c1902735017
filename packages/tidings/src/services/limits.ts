// Every queue, batch, payload and retry has a named limit. The defaults suit a small machine; a service may set its own.

import { shownValue, TidingsError } from '../errors/index.ts'

/** The limits of one service. */
export interface Limits {
  /** The most bytes of JSON text in the payload of an event, fact, row, command or query. Default: 262,144. */
  readonly payloadBytesMax: number
  /** The most levels of nesting in a payload. Default: 64. */
  readonly payloadDepthMax: number
  /** The most events per transaction. Default: 256. */
  readonly batchCountMax: number
  /**
   * How long a batch waits for its handlers, in milliseconds. What has ended by then is committed. A handler that has not goes on by itself, and later
   * events of its key wait for it. Default: 1,000. A slow key delays the others by no more than that, and a commit still carries many events.
   */
  readonly batchMsMax: number
  /** The most events per transaction while a read model is rebuilt. Default: 10,000. Fewer if they write many rows. */
  readonly rebuildBatchCountMax: number
  /** The most keys of one batch that are handled in parallel. Default: 16. */
  readonly keysInParallelMax: number
  /**
   * The most handlers of a subscription that run at a time: those of a batch, those that go on after their batch was committed, and retries. If as many
   * run, new events wait. Default: 128. If so many keys take longer than `batchMsMax` at once, what they all need is probably slow, and more of them
   * would make it slower. Set it to `keysInParallelMax` if no more keys than that may ever be handled at a time.
   */
  readonly runningCountMax: number
  /** The most events that one command or handler may publish. Default: 1,000. */
  readonly publishCountMax: number
  /**
   * The number of attempts before an event or a timer is parked, including the first. Default: 6. Several that are handled in one batch share the first
   * attempt: if one of them fails, each runs once more by itself, so that only the one that fails is counted.
   */
  readonly attemptsMax: number
  /** The delay before the second attempt, in milliseconds. It doubles with each further attempt, minus up to 20 % at random. Default: 100. */
  readonly retryDelayMs: number
  /** The longest delay between attempts, in milliseconds. Default: 30,000. */
  readonly retryDelayMsMax: number
  /** The most deferred events (retrying, waiting, blocked or parked) of a subscriber per source before it pauses. Default: 10,000. */
  readonly deferredCountMax: number
  /** How long an event may wait for a missing replica row before it is parked, in milliseconds. Default: 600,000. */
  readonly waitMsMax: number
  /** How long a handler, a command or a query may run, in milliseconds. Default: 30,000. */
  readonly handlerTimeoutMs: number
  /**
   * How long a service that closes waits for handlers that run, in milliseconds; an event whose handler takes longer is handled again after the next
   * start. Default: 5,000. That is half of what `tidings start` gives the whole system to close.
   */
  readonly drainMsMax: number
  /** How long a lookup may take, including its retries, in milliseconds. Default: 5,000. */
  readonly lookupTimeoutMs: number
  /** How long `require` waits for a replica's row in a running handler, in milliseconds. Default: 250. */
  readonly requireTimeoutMs: number
  /** How long a query waits for its read model to reach a lookup's minimum position, in milliseconds. Default: 3,000. */
  readonly minimumPositionTimeoutMs: number
  /** How long a query waits for its read model to reach a token, in milliseconds; then it throws `READ_BEHIND`. Default: 3,000. */
  readonly readAfterTimeoutMs: number
  /** The most commands in progress, with those that wait in line; more are refused with `OVERLOADED`. Default: 10,000. */
  readonly commandsInFlightMax: number
  /** The most commands that wait in line for one key; more are refused with `KEY_BUSY`. Default: 256. */
  readonly commandsInLineMax: number
  /** The most readers of live queries; more are refused as unavailable. Default: 10,000. */
  readonly liveReadersMax: number
  /** The most changes per table that are kept for reconnecting readers of live queries; a reader that missed more gets a new snapshot. Default: 10,000. */
  readonly liveChangesKeptMax: number
  /**
   * Where several instances share a store: how many changes of rows the store keeps for the live queries of other instances. One that is further behind
   * gives its readers new snapshots. Default: 10,000. At 1,000 changes a second, that is ten times the default `pollMs`.
   */
  readonly changesKeptMax: number
  /** The most bytes buffered for one reader of a live query; if there are more, a new snapshot replaces the buffer. Default: 1,048,576. */
  readonly liveBufferBytesMax: number
  /**
   * How long a live query without readers is kept for reconnecting readers, in milliseconds. If more than
   * `liveReadersMax` are kept, the one without readers for longest is dropped first. Default: 60,000.
   */
  readonly liveResumeMs: number
  /** The most times a unit of work runs again because a concurrent commit changed what it read. Default: 20. */
  readonly conflictRetriesMax: number
  /** The most rows of a read model or replica that its writer caches in memory. Default: 10,000. */
  readonly rowsCachedMax: number
  /** The most streams whose state is cached in memory after a write, so that the next command need not read them. Default: 10,000. */
  readonly streamsCachedMax: number
  /** How often to look for new events if no wake-up comes, in milliseconds. Default: 1,000. */
  readonly pollMs: number
  /**
   * Where instances of a service share a store: how long after its last sign of life one that has died is replaced at the latest, in milliseconds.
   * Default: 10,000. A shorter one costs more renewals; an instance whose process stands still for longer loses its work to the others.
   */
  readonly leaseMs: number
  /** The most times that an event may crash the process before it is parked. Default: 5. */
  readonly crashesMax: number
  /** The most rows of delivery records kept per subscriber and source, each with those of a batch or of several small ones. Default: 100,000. */
  readonly deliveryBatchesMax: number
}

/** The default limits. */
export const defaultLimits: Limits = {
  payloadBytesMax: 262_144,
  payloadDepthMax: 64,
  batchCountMax: 256,
  batchMsMax: 1_000,
  rebuildBatchCountMax: 10_000,
  keysInParallelMax: 16,
  runningCountMax: 128,
  publishCountMax: 1_000,
  attemptsMax: 6,
  retryDelayMs: 100,
  retryDelayMsMax: 30_000,
  deferredCountMax: 10_000,
  waitMsMax: 600_000,
  handlerTimeoutMs: 30_000,
  drainMsMax: 5_000,
  lookupTimeoutMs: 5_000,
  requireTimeoutMs: 250,
  minimumPositionTimeoutMs: 3_000,
  readAfterTimeoutMs: 3_000,
  commandsInFlightMax: 10_000,
  commandsInLineMax: 256,
  liveReadersMax: 10_000,
  liveChangesKeptMax: 10_000,
  changesKeptMax: 10_000,
  liveBufferBytesMax: 1_048_576,
  liveResumeMs: 60_000,
  conflictRetriesMax: 20,
  rowsCachedMax: 10_000,
  streamsCachedMax: 10_000,
  pollMs: 1_000,
  leaseMs: 10_000,
  crashesMax: 5,
  deliveryBatchesMax: 100_000,
}

/** The longest delay in milliseconds that every platform supports; beyond it, `setTimeout` fires at once. */
export const delayMsMax = 2 ** 31 - 1

/** Fills in the defaults; throws `INVALID_CONTRACT` if a limit is unknown, not a positive whole number, or longer than the longest delay. */
export function completeLimits(service: string, limits: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Service ${service} sets the limit ${JSON.stringify(name)}, which does not exist.`,
        {
          details: { limits: Object.keys(defaultLimits) },
        },
      )
    }
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Service ${service} sets ${name} to ${shownValue(value)}; a limit must be a whole number of at least 1.`,
      )
    }
    if (/Ms(Max)?$/.test(name) && (value as number) > delayMsMax) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Service ${service} sets ${name} to ${value}; the longest delay is ${delayMsMax} milliseconds (24 days).`,
      )
    }
  }
  return { ...defaultLimits, ...limits }
}
