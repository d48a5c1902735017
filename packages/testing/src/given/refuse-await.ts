// A chain that ends in `.then` looks like a promise to `await`. An `await` in the wrong place gets a clear error.

import { ExpectationFailed } from '../expectations/index.ts'

/** What `await` passes to a `then`. */
export type AwaitHook = (value: unknown) => unknown

/** Whether an `await` called `then`; if so, it rejects that `await` with a clear error. */
export function refuseAwait(expected: unknown, onRejected: AwaitHook | undefined): expected is AwaitHook {
  if (typeof expected !== 'function') return false
  const error = new ExpectationFailed(
    'given(…).when(…) was awaited without an expectation: continue with .then(…), and await that.',
  )
  if (onRejected === undefined) throw error
  onRejected(error)
  return true
}
