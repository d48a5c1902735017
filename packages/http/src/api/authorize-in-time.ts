// The time limit of `authorize`: as long as the function that the caller wants to reach may run itself.
// Invariant: a request whose `authorize` never answers ends, and what it answers later lets nobody in.

import { type Service, TidingsError } from 'tidings'
import type { Environment } from 'tidings/ports'
import { withTimeout } from 'tidings/runtime'

/** How long `authorize` may take. */
export interface AuthorizeLimit {
  readonly timeouts: Environment['timeouts']
  /** In milliseconds. */
  readonly timeoutMs: number
}

/**
 * The limit for requests to a service: its `handlerTimeoutMs`. A request for all services, or to one that is not here, has the longest of all.
 */
export function authorizeLimits(
  services: readonly Pick<Service, 'name' | 'limits'>[],
  timeouts: Environment['timeouts'],
): (service: string) => AuthorizeLimit {
  const limits = new Map(services.map(({ name, limits: { handlerTimeoutMs } }) => [name, handlerTimeoutMs]))
  const longestMs = Math.max(...limits.values())
  return (service) => ({ timeouts, timeoutMs: limits.get(service) ?? longestMs })
}

/** What `authorize` answers; throws `AUTHORIZE_TIMEOUT` if it has not within the limit. An answer that is there at once sets no timer. */
export async function authorizeInTime<T>(answer: T | PromiseLike<T>, limit: AuthorizeLimit): Promise<T> {
  if (!isPromiseLike(answer)) return answer
  const { timeouts, timeoutMs } = limit
  return withTimeout(timeouts, timeoutMs, Promise.resolve(answer), () => {
    const message = `Who the caller is could not be found out within ${timeoutMs} ms: authorize did not answer.`
    return new TidingsError('AUTHORIZE_TIMEOUT', message)
  })
}

function isPromiseLike<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as { readonly then?: unknown } | undefined | null)?.then === 'function'
}
