// Sending something again until it is answered. A command bears an idempotency key, so that a second sending of what was carried
// out, though its answer got lost, only repeats the answer.
import { setTimeout as pause } from 'node:timers/promises'
import { isTidingsError, type TidingsError } from 'tidings'

const pauseMs = 50
const pauseMsMax = 1_000

/** How long nobody need answer before it is given up, in milliseconds: a service that was killed is back long before. */
export const patienceMs = 120_000

/** Tries until there is an answer; throws what another try cannot mend, and the last failure when patience ends. */
export async function tryUntilAnswered<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const startedAt = performance.now()
  for (let nextMs = pauseMs; ; nextMs = Math.min(nextMs * 2, pauseMsMax)) {
    try {
      return await attempt()
    } catch (error) {
      if (!mayPass(error) || performance.now() - startedAt > patienceMs || signal?.aborted === true) throw error
    }
    await pause(nextMs)
  }
}

// Nobody there, not now, or too many at once; whatever else goes wrong is no better the second time.
function mayPass(error: unknown): error is TidingsError {
  return (
    isTidingsError(error) && (error.retry === 'unavailable' || error.code === 'CONFLICT' || error.code === 'TIMED_OUT')
  )
}
