// A process that keeps failing is restarted more and more slowly, until it has run for a while.

import { expect, test } from 'vitest'
import { backoff, nextDelay } from './backoff.ts'

test('delays double up to a limit', () => {
  const delays: number[] = []
  let failures = 0
  for (let n = 0; n < 10; n++) {
    const pause = nextDelay(failures, 0)
    failures = pause.failures
    delays.push(pause.delayMs)
  }
  expect(delays).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
})

test('a process that has run for a while starts with the first delay again', () => {
  expect(nextDelay(9, backoff.forgetMs)).toEqual({ failures: 1, delayMs: backoff.firstMs })
  expect(nextDelay(3, backoff.forgetMs - 1).delayMs).toBe(400)
})
