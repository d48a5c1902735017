// Fails handlers that run longer than `handlerTimeoutMs`.

import { TidingsError } from '../../errors/index.ts'
import { TimeLimit } from '../concurrency/time-limit.ts'
import type { Subscription } from './subscription.ts'

/** The timeout of the handlers of one batch. */
export class HandlerTimeout {
  readonly #limit: TimeLimit
  readonly #expired: () => Error

  constructor({ core, limits, subscriber }: Subscription) {
    const { handlerTimeoutMs } = limits
    this.#limit = new TimeLimit(core.environment, handlerTimeoutMs)
    this.#expired = () =>
      new TidingsError('HANDLER_TIMEOUT', `A handler of ${subscriber} did not finish within ${handlerTimeoutMs} ms.`)
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return this.#limit.guard(work, this.#expired)
  }

  stop(): void {
    this.#limit.stop()
  }
}
