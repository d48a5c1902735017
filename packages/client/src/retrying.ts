// Retries work while the other side is unavailable, until a deadline.

import { isTidingsError } from 'tidings'
import { pause } from './pause.ts'

const firstPauseMs = 50
const longestPauseMs = 1_000

/** Repeats `work` until it succeeds. Throws its error if a retry cannot help, or would have to wait beyond the deadline. */
export async function retrying<T>(
  work: () => Promise<T>,
  timeoutMs: number,
  signals: readonly AbortSignal[],
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    let waitMs: number
    try {
      return await work()
    } catch (error) {
      waitMs = Math.max(pauseMs, retryAfterMs(error))
      // An error of the caller's own code, which makes the headers, is the caller's to handle.
      const mayPass = isTidingsError(error) && ['unavailable', 'backoff'].includes(error.retry)
      if (!mayPass || signals.some(({ aborted }) => aborted) || performance.now() + waitMs >= deadline) throw error
    }
    await pause(waitMs, ...signals)
  }
}

/** How long the answer in an error asks to wait, in milliseconds; 0 if it does not say. */
export function retryAfterMs(error: unknown): number {
  const asked = isTidingsError(error) ? error.details.retryAfterMs : 0
  return typeof asked === 'number' ? asked : 0
}
