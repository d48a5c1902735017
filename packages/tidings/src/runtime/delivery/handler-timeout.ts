// Fails the handlers that run longer than they may.

import { TidingsError } from '../../errors/index.ts'
import type { LaneState } from './subscription.ts'

/** One timer for a whole batch: fails the work that has run longer than `handlerTimeoutMs`. */
export class Watchdog {
  readonly #running = new Map<(error: Error) => void, number>()
  readonly #lane: LaneState
  #cancel: (() => void) | undefined

  constructor(lane: LaneState) {
    this.#lane = lane
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#running.set(reject, this.#lane.core.host.clock.monotonicMs())
      this.#cancel ??= this.#arm(this.#lane.limits.handlerTimeoutMs)
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
    return this.#lane.core.host.scheduler.after(delayMs, () => {
      const { handlerTimeoutMs } = this.#lane.limits
      const now = this.#lane.core.host.clock.monotonicMs()
      let next = handlerTimeoutMs
      for (const [fail, startedAt] of this.#running) {
        const leftMs = startedAt + handlerTimeoutMs - now
        if (leftMs > 0) next = Math.min(next, leftMs)
        else {
          this.#running.delete(fail)
          fail(
            new TidingsError(
              'HANDLER_TIMEOUT',
              `A handler of ${this.#lane.subscriber} did not answer within ${handlerTimeoutMs} ms.`,
            ),
          )
        }
      }
      this.#cancel = this.#arm(next)
    })
  }
}
