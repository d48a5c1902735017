// Sends something again until there is an answer. A command has an idempotency key: if it was executed and only the answer got lost, sending
// it again returns the same answer.
import { setTimeout as pause } from 'node:timers/promises'
import { isTidingsError, type TidingsError } from 'tidings'

const pauseMs = 50
const pauseMsMax = 1_000

/** How long to retry without an answer, in milliseconds: a killed service is back long before. */
const retryMsMax = 120_000

/** Retries until there is an answer. Throws errors that a retry cannot help, and the last error when time is up. */
export async function tryUntilAnswered<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const startedAt = performance.now()
  for (let nextMs = pauseMs; ; nextMs = Math.min(nextMs * 2, pauseMsMax)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isTransient(error) || performance.now() - startedAt > retryMsMax || signal?.aborted === true) throw error
    }
    await pause(nextMs)
  }
}

// The service is down, too slow or too busy; other errors would only happen again.
function isTransient(error: unknown): error is TidingsError {
  return (
    isTidingsError(error) && (error.retry === 'unavailable' || error.code === 'CONFLICT' || error.code === 'TIMED_OUT')
  )
}
