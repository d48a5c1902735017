// A chain that ends in `.then` looks like a promise to `await`. An `await` in the wrong place gets a sentence instead of a riddle.

import { ExpectationFailed } from '../expectations/index.ts'

/** What `await` passes to a `then`. */
export type AwaitHook = (value: unknown) => unknown

/** Tells whether `then` was called by an `await`; the await fails with a sentence. */
export function refuseAwait(expected: unknown, onRejected: AwaitHook | undefined): expected is AwaitHook {
  if (typeof expected !== 'function') return false
  const error = new ExpectationFailed(
    'given(…).when(…) was awaited before anything was expected of it: go on with .then(…), and await that.',
  )
  if (onRejected === undefined) throw error
  onRejected(error)
  return true
}
