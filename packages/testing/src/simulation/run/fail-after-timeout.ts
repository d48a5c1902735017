// A promise that work ends within some simulated time, checked by waiting for it.

import { isTidingsError } from 'tidings'
import { type Failure, RunFailed } from '../checkers/failure.ts'

/** Runs work; if it ends with `TIMED_OUT`, throws `RunFailed` under the name of a checker. */
export async function failAfterTimeout(
  checker: string,
  promise: string,
  work: () => Promise<unknown>,
  why = () => 'It takes too long.',
  step: Failure['step'] = 'rest',
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isTidingsError(error, 'TIMED_OUT')) throw error
    throw new RunFailed({ checker, promise, breaches: [`${why()} (${error.message})`], step })
  }
}
