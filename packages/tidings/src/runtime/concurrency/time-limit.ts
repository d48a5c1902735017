// A time limit for work that runs side by side, with one timer for all of it.
// Invariant: while nothing runs, no timer is set, so an idle service keeps no process awake.

import type { Clock, TimeoutOptions, Timeouts } from '../../ports/index.ts'
import { type Linked, LinkedList } from './linked-list.ts'

/** Work that must end within a limit. */
interface Running extends Linked<Running> {
  readonly endsAt: number
  readonly reject: (error: unknown) => void
  readonly onTimeout: () => Error
}

/** Work that must end within a limit. */
export class TimeLimit {
  readonly #clock: Clock
  readonly #timeouts: Timeouts
  // In the order of their ends, because all have the same limit.
  readonly #running = new LinkedList<Running>()
  readonly #limitMs: number
  readonly #options: TimeoutOptions
  #cancel: (() => void) | undefined

  /** @param keepsAlive - whether the process goes on while something runs, because a caller waits for it. */
  constructor(
    { clock, timeouts }: { readonly clock: Clock; readonly timeouts: Timeouts },
    limitMs: number,
    keepsAlive = false,
  ) {
    this.#clock = clock
    this.#timeouts = timeouts
    this.#limitMs = limitMs
    this.#options = { keepsAlive }
  }

  /** Settles like the work, or rejects with the error of `onTimeout` when the limit has passed; what the work does later is ignored. */
  guard<T>(work: Promise<T>, onTimeout: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const endsAt = this.#clock.monotonicMs() + this.#limitMs
      const running: Running = { endsAt, reject, onTimeout, earlier: undefined, later: undefined }
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
    for (let running = this.#running.first; running !== undefined; running = this.#running.first)
      this.#running.remove(running)
    this.#disarm()
  }

  #end(running: Running): void {
    this.#running.remove(running)
    if (this.#running.first === undefined) this.#disarm()
  }

  #disarm(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(delayMs: number): () => void {
    return this.#timeouts.after(delayMs, () => this.#failLate(), this.#options)
  }

  #failLate(): void {
    this.#cancel = undefined
    const now = this.#clock.monotonicMs()
    for (let running = this.#running.first; running !== undefined; running = this.#running.first) {
      if (running.endsAt > now) {
        this.#cancel = this.#arm(running.endsAt - now)
        return
      }
      this.#running.remove(running)
      running.reject(running.onTimeout())
    }
  }
}
