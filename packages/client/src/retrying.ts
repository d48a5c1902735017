// Retries work while the other side is unavailable, until a deadline.

import { retryOf } from 'tidings/errors'
import { pause } from './pause.ts'

const firstPauseMs = 50
const longestPauseMs = 1_000

/** Repeats `work` until it succeeds. Throws its error at the deadline, or if a retry cannot help. */
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
      const mayPass = retryOf(error) === 'unavailable' || retryOf(error) === 'backoff'
      if (!mayPass || signals.some(({ aborted }) => aborted) || performance.now() + pauseMs >= deadline) throw error
    }
    await pause(pauseMs, ...signals)
  }
}
