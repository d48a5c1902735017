// A time limit for work that runs side by side, with one timer for all of it.
// Invariant: while nothing runs, no timer is set, so an idle service keeps no process awake.

import type { Clock, Timeouts } from '../../ports/index.ts'

interface Running {
  readonly endsAt: number
  readonly fail: () => void
}

/** Work that must end within a limit. */
export class TimeLimit {
  readonly #clock: Clock
  readonly #timeouts: Timeouts
  // In the order of their ends, because all have the same limit.
  readonly #running = new Set<Running>()
  readonly #limitMs: number
  #cancel: (() => void) | undefined

  constructor({ clock, timeouts }: { readonly clock: Clock; readonly timeouts: Timeouts }, limitMs: number) {
    this.#clock = clock
    this.#timeouts = timeouts
    this.#limitMs = limitMs
  }

  /** Settles like the work, or rejects with the error of `onTimeout` when the limit has passed; what the work does later is ignored. */
  guard<T>(work: Promise<T>, onTimeout: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const running = { endsAt: this.#clock.monotonicMs() + this.#limitMs, fail: () => reject(onTimeout()) }
      this.#running.add(running)
      this.#cancel ??= this.#arm(this.#limitMs)
      work.then(
        (value) => {
          this.#end(running)
          resolve(value)
        },
        (error) => {
          this.#end(running)
          reject(error)
        },
      )
    })
  }

  /** Fails nothing from now on: what still runs may take as long as it likes. */
  stop(): void {
    this.#running.clear()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #end(running: Running): void {
    this.#running.delete(running)
    if (this.#running.size > 0) return
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(delayMs: number): () => void {
    return this.#timeouts.after(delayMs, () => {
      this.#cancel = undefined
      const now = this.#clock.monotonicMs()
      for (const running of this.#running) {
        if (running.endsAt > now) {
          this.#cancel = this.#arm(running.endsAt - now)
          return
        }
        this.#running.delete(running)
        running.fail()
      }
    })
  }
}
