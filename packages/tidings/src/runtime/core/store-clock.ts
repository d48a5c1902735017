// The clock of a store that several instances share, as one of them knows it: its own monotonic clock and an offset that is measured again and again.
// Invariant: to read it costs no call. It is wrong by no more than the latest measurement took, and what the clocks have drifted since; and it is
// not wrong because of the time of day of this machine.

import type { Awaitable, Clock, Store } from '../../ports/index.ts'

/** A store answers in whole milliseconds, so its clock may be ahead of an answer by this much. */
const stepMs = 1

/** How long a measurement counts. Clocks that drift apart by 500 ms in 1,000 s, the most that time daemons correct, differ by half a millisecond then. */
const measureMs = 1_000

/** The clock of a shared store. */
export class StoreClock implements Clock {
  readonly #store: Pick<Store, 'now'>
  readonly #host: Pick<Clock, 'monotonicMs'>
  /** The store's clock minus the monotonic one. */
  #offset = Number.NEGATIVE_INFINITY
  /** When the store was asked last, by the monotonic clock. */
  #askedAt = Number.NEGATIVE_INFINITY
  #measuring: Promise<void> | undefined

  private constructor(store: Pick<Store, 'now'>, host: Pick<Clock, 'monotonicMs'>) {
    this.#store = store
    this.#host = host
  }

  /**
   * Measures it for the first time. Throws what the store throws.
   *
   * @param host - the clock of this machine: only its monotonic time is used.
   */
  static async open(store: Pick<Store, 'now'>, host: Pick<Clock, 'monotonicMs'>): Promise<StoreClock> {
    const clock = new StoreClock(store, host)
    await clock.measure()
    return clock
  }

  /** The time by the store's clock. If the latest measurement is old, it begins another one, and does not wait for it. */
  now(): number {
    const monotonicMs = this.#host.monotonicMs()
    if (monotonicMs - this.#askedAt > measureMs) this.#measureAside()
    return Math.floor(monotonicMs + this.#offset)
  }

  monotonicMs(): number {
    return this.#host.monotonicMs()
  }

  /** Measures it anew, unless the latest measurement still counts. Throws what the store throws. */
  refresh(): Awaitable<void> {
    if (this.#host.monotonicMs() - this.#askedAt > measureMs) return this.measure()
    return this.#measuring
  }

  /** Measures it now. Throws what the store throws. */
  measure(): Awaitable<void> {
    if (this.#measuring !== undefined) return this.#measuring
    const askedAt = this.#host.monotonicMs()
    this.#askedAt = askedAt
    const answer = this.#store.now()
    if (!(answer instanceof Promise)) return this.#take(askedAt, answer)
    const measuring = answer
      .then((time) => this.#take(askedAt, time))
      .finally(() => {
        this.#measuring = undefined
      })
    this.#measuring = measuring
    return measuring
  }

  // A store that does not answer now is asked again later; until then, the monotonic clock goes on.
  #measureAside(): void {
    if (this.#measuring !== undefined) return
    try {
      const measuring = this.measure()
      if (measuring instanceof Promise) measuring.catch(() => {})
    } catch {}
  }

  // The store has read its clock at some moment of the call. If the offset that is known fits, a slow call does not make it worse.
  #take(askedAt: number, time: number): void {
    const least = time - this.#host.monotonicMs()
    const most = time + stepMs - askedAt
    if (this.#offset < least || this.#offset > most) this.#offset = least
  }
}
