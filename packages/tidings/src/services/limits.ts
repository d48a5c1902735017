// Every queue, batch, payload and retry has a limit with a name. Defaults suit a small machine; a service may set its own.

import { TidingsError } from '../errors/index.ts'

/** The limits of one service. */
export interface Limits {
  /** The largest payload of an event, fact, row, command or query, in bytes of JSON text. Default: 262,144. */
  readonly payloadBytesMax: number
  /** The deepest nesting of a payload. Default: 64. */
  readonly payloadDepthMax: number
  /** The most events handled in one transaction. Default: 256. */
  readonly batchCountMax: number
  /** The most events handled in one transaction while a read model is rebuilt. Default: 2,000. */
  readonly rebuildBatchCountMax: number
  /** The most keys of one batch that are handled side by side. Default: 16. */
  readonly keysInParallelMax: number
  /** The most events one command or handler publishes. Default: 1,000. */
  readonly publishCountMax: number
  /** Attempts before an event is parked, the first included. Default: 6. */
  readonly attemptsMax: number
  /** The pause before the second attempt, in milliseconds; doubled (with up to 20 % of chance taken off) each time. Default: 100. */
  readonly retryDelayMs: number
  /** The longest pause between attempts, in milliseconds. Default: 30,000. */
  readonly retryDelayMsMax: number
  /** The most events a subscriber holds (retrying, waiting or parked) per source before it pauses. Default: 10,000. */
  readonly deferredCountMax: number
  /** The longest an event may wait for a missing replica row before it is parked, in milliseconds. Default: 600,000. */
  readonly waitMsMax: number
  /** The longest a handler may run, in milliseconds. Default: 30,000. */
  readonly handlerTimeoutMs: number
  /** The longest one lookup may take, its retries included, in milliseconds. Default: 5,000. */
  readonly lookupTimeoutMs: number
  /** The longest `require` waits inside a running handler for a replica's row, in milliseconds. Default: 250. */
  readonly requireTimeoutMs: number
  /** The longest a query waits for its read model to reach a lookup's minimum position, in milliseconds. Default: 3,000. */
  readonly minimumPositionTimeoutMs: number
  /** The longest a query waits for what a token covers, in milliseconds; then `READ_BEHIND`. Default: 3,000. */
  readonly readAfterTimeoutMs: number
  /** Commands under way at once; more are refused as unavailable. Default: 10,000. */
  readonly commandsInFlightMax: number
  /** Readers of live queries at once; more are refused as unavailable. Default: 10,000. */
  readonly liveReadersMax: number
  /** Changes kept of a table that live queries show, for readers whose connection was lost; who missed more gets a new picture. Default: 10,000. */
  readonly liveChangesKeptMax: number
  /** What waits for one reader of a live query, in bytes; what goes beyond is dropped for a new picture. Default: 1,048,576. */
  readonly liveBufferBytesMax: number
  /** How long a live query that nobody reads any more is kept for those who come back, in milliseconds; the longest unread goes first where there are more than `liveReadersMax`. Default: 60,000. */
  readonly liveResumeMs: number
  /** How often a unit of work is run again because others changed what it read. Default: 20. */
  readonly conflictRetriesMax: number
  /** Rows of a read model or replica kept in memory by the subscribers that write it. Default: 10,000. */
  readonly rowsCachedMax: number
  /** Streams whose state is kept in memory after a write, so that the next command need not read them. Default: 10,000. */
  readonly streamsCachedMax: number
  /** How often to look for news where no wake-up came, in milliseconds. Default: 1,000. */
  readonly pollMs: number
  /** Process deaths an event may cause, running alone, before it is parked. Default: 5. */
  readonly crashesMax: number
  /** How long delivery records are kept per subscriber and source, in batches. Default: 100,000. */
  readonly deliveryBatchesMax: number
}

/** The limits where a service sets none. */
export const defaultLimits: Limits = {
  payloadBytesMax: 262_144,
  payloadDepthMax: 64,
  batchCountMax: 256,
  rebuildBatchCountMax: 2_000,
  keysInParallelMax: 16,
  publishCountMax: 1_000,
  attemptsMax: 6,
  retryDelayMs: 100,
  retryDelayMsMax: 30_000,
  deferredCountMax: 10_000,
  waitMsMax: 600_000,
  handlerTimeoutMs: 30_000,
  lookupTimeoutMs: 5_000,
  requireTimeoutMs: 250,
  minimumPositionTimeoutMs: 3_000,
  readAfterTimeoutMs: 3_000,
  commandsInFlightMax: 10_000,
  liveReadersMax: 10_000,
  liveChangesKeptMax: 10_000,
  liveBufferBytesMax: 1_048_576,
  liveResumeMs: 60_000,
  conflictRetriesMax: 20,
  rowsCachedMax: 10_000,
  streamsCachedMax: 10_000,
  pollMs: 1_000,
  crashesMax: 5,
  deliveryBatchesMax: 100_000,
}

/** The longest delay that every platform keeps: `setTimeout` fires at once beyond it. */
export const delayMsMax = 2 ** 31 - 1

/** Fills in the defaults; throws `INVALID_CONTRACT` for a limit that is unknown, no positive whole number, or a span too long. */
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
        `Service ${service} sets ${name} to ${String(value)}; a limit is a whole number of at least 1.`,
      )
    }
    if (/Ms(Max)?$/.test(name) && (value as number) > delayMsMax) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Service ${service} sets ${name} to ${value}; a span of time is at most ${delayMsMax} milliseconds (24 days).`,
      )
    }
  }
  return { ...defaultLimits, ...limits }
}
