// Fails handlers that run longer than `handlerTimeoutMs`.

import { TidingsError } from '../../errors/index.ts'
import type { Subscription } from './subscription.ts'

/** The timeout of the handlers of one batch; all of them share one timer. */
export class HandlerTimeout {
  readonly #running = new Map<(error: Error) => void, number>()
  readonly #subscription: Subscription
  #cancel: (() => void) | undefined

  constructor(subscription: Subscription) {
    this.#subscription = subscription
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#running.set(reject, this.#subscription.core.environment.clock.monotonicMs())
      this.#cancel ??= this.#arm(this.#subscription.limits.handlerTimeoutMs)
      work.then(
        (value) => {
          this.#running.delete(reject)
          resolve(value)
        },
        (error) => {
          this.#running.delete(reject)
          reject(error)
        },
      )
    })
  }

  stop(): void {
    this.#cancel?.()
  }

  #arm(delayMs: number): () => void {
    const { core, limits, subscriber } = this.#subscription
    const { handlerTimeoutMs } = limits
    return core.environment.timeouts.after(delayMs, () => {
      const now = core.environment.clock.monotonicMs()
      let next = handlerTimeoutMs
      for (const [fail, startedAt] of this.#running) {
        const leftMs = startedAt + handlerTimeoutMs - now
        if (leftMs > 0) next = Math.min(next, leftMs)
        else {
          this.#running.delete(fail)
          fail(
            new TidingsError(
              'HANDLER_TIMEOUT',
              `A handler of ${subscriber} did not finish within ${handlerTimeoutMs} ms.`,
            ),
          )
        }
      }
      this.#cancel = this.#arm(next)
    })
  }
}
