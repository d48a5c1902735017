// What runs beside the passes of a loop: handlers that go on after their batch was committed, and retries.
// Invariant: no error of theirs is lost. A pass throws it, and so the loop pauses as it does for an error of its own.

import { isInstance } from '../../errors/index.ts'
import type { Outcome } from '../delivery/record-outcomes.ts'
import { finishRunning } from '../delivery/retry-deferred.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { Superseded } from '../delivery/subscription-change.ts'

/** What the loop does about them. */
export interface TaskEvents {
  /** Something that a handler needs is unavailable. */
  isUnavailable(): void
  /** An event was handled, or a task has ended. */
  moves(): void
  /** A task has ended: there may be room for others. */
  wake(): void
}

/** The tasks of one loop. */
export class RunningTasks {
  readonly #subscription: Subscription
  readonly #events: TaskEvents
  readonly #tasks = new Set<Promise<void>>()
  #error: unknown

  constructor(subscription: Subscription, events: TaskEvents) {
    this.#subscription = subscription
    this.#events = events
    if (subscription.sequential) return
    subscription.whenGoingOn((running) => this.follow(finishRunning(subscription, running)))
    subscription.whenMoving(() => events.moves())
  }

  /** Follows a task to its end. */
  follow(work: Promise<Outcome | undefined>): void {
    const task = work
      .then(
        (outcome) => {
          if (outcome?.unavailable === true) this.#events.isUnavailable()
        },
        (error: unknown) => {
          if (!isInstance(error, Superseded)) this.#error ??= error
        },
      )
      .finally(() => {
        this.#tasks.delete(task)
        this.#events.moves()
        this.#events.wake()
      })
    this.#tasks.add(task)
  }

  /** Throws the error of a task that has failed since the last call. */
  throwError(): void {
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) throw error
  }

  /** The outcome of a task; `undefined` if it has none, or takes longer than a batch may. */
  soonEnded(task: Promise<Outcome | undefined>): Promise<Outcome | undefined> {
    const { core, limits } = this.#subscription
    return new Promise((resolve) => {
      const cancel = core.environment.timeouts.after(limits.batchMsMax, () => resolve(undefined))
      void task
        .catch(() => undefined)
        .then((outcome) => {
          cancel()
          resolve(outcome)
        })
    })
  }

  /**
   * Waits until the loop and all tasks have ended, up to `drainMsMax`; then gives up what still runs.
   *
   * @param closing - if given, tasks have their whole time until it fires, and `drainMsMax` from then on.
   */
  async drain(ended: Promise<void> | undefined, closing?: AbortSignal): Promise<void> {
    const { core, limits, running } = this.#subscription
    let cancel = () => {}
    let hurry = () => {}
    const late = new Promise<void>((resolve) => {
      const within = (ms: number) => {
        cancel()
        cancel = core.environment.timeouts.after(ms, resolve, { keepsAlive: true })
      }
      hurry = () => within(limits.drainMsMax)
      if (closing === undefined || closing.aborted) hurry()
      else within(limits.handlerTimeoutMs)
    })
    closing?.addEventListener('abort', hurry, { once: true })
    await Promise.race([late, ended])
    await Promise.race([late, Promise.all(this.#tasks)])
    closing?.removeEventListener('abort', hurry)
    cancel()
    running.abandonAll()
  }
}
