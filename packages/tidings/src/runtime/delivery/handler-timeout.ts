// Fails handlers that run longer than `handlerTimeoutMs`.

import { TidingsError } from '../../errors/index.ts'
import { TimeLimit } from '../concurrency/time-limit.ts'
import type { Subscription } from './subscription.ts'

/** The timeout of handlers that somebody waits for. */
export class HandlerTimeout {
  readonly #limit: TimeLimit
  readonly #expired: () => Error

  constructor(subscription: Subscription) {
    this.#limit = new TimeLimit(subscription.core.environment, subscription.limits.handlerTimeoutMs)
    this.#expired = () => handlerLate(subscription)
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return this.#limit.guard(work, this.#expired)
  }

  stop(): void {
    this.#limit.stop()
  }
}

/** The error of a handler that has run for too long. */
export function handlerLate({ limits, subscriber }: Subscription): TidingsError {
  return new TidingsError(
    'HANDLER_TIMEOUT',
    `A handler of ${subscriber} did not finish within ${limits.handlerTimeoutMs} ms.`,
  )
}
