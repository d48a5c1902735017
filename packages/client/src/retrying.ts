// Sending again what may be sent again, while the other side is unavailable and the time lasts.

import { retryOf } from 'tidings/errors'
import { pause } from './pause.ts'

const firstPauseMs = 50
const longestPauseMs = 1_000

/** Does `work` until it succeeds, fails for another reason than unavailability, or the time is over; then its last error is thrown. */
export async function retrying<T>(
  work: () => Promise<T>,
  timeoutMs: number,
  signals: readonly AbortSignal[],
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await work()
    } catch (error) {
      const passes = retryOf(error) === 'unavailable' || retryOf(error) === 'backoff'
      if (!passes || signals.some(({ aborted }) => aborted) || performance.now() + pauseMs >= deadline) throw error
    }
    await pause(pauseMs, ...signals)
  }
}
