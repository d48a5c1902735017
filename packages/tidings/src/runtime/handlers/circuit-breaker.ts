// A circuit breaker: after so many failures in a row it stops all calls for a while, then lets a single one through. Calls that it stops
// do not count as attempts. Its states are Nygard's ("Release It!", chapter 5): closed, open, half open.

import { describeThrown, TidingsError } from '../../errors/index.ts'
import type { Clock } from '../../ports/index.ts'

/** The state of a breaker. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** What happens to a breaker. */
export type BreakerChange =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly failures: number; readonly pauseMs: number; readonly error: unknown }

/** Guards one effect of one service. */
export class CircuitBreaker {
  readonly #what: string
  readonly #clock: Clock
  readonly #limits: { readonly failures: number; readonly pauseMs: number }
  readonly #changed: (change: BreakerChange) => void
  #failures = 0
  #openUntil = 0
  #probing = false
  #lastError: unknown

  /** @param changed - called when it opens and when it closes. */
  constructor(
    what: string,
    clock: Clock,
    limits: { readonly failures: number; readonly pauseMs: number },
    changed: (change: BreakerChange) => void = () => {},
  ) {
    this.#what = what
    this.#changed = changed
    this.#clock = clock
    this.#limits = limits
  }

  get state(): BreakerState {
    if (this.#failures < this.#limits.failures) return 'closed'
    return this.#clock.monotonicMs() < this.#openUntil ? 'open' : 'half-open'
  }

  /**
   * Runs work; throws `EFFECT_PAUSED` if it may not run now.
   *
   * @param countsAsFailure - whether an error says that the other system is down. An error that concerns only this work does not count.
   */
  async run<T>(work: () => Promise<T>, countsAsFailure: (error: unknown) => boolean): Promise<T> {
    const { state } = this
    if (state === 'open' || (state === 'half-open' && this.#probing)) throw this.#paused()
    const probe = state === 'half-open'
    if (probe) this.#probing = true
    try {
      const result = await work()
      if (this.#failures >= this.#limits.failures) this.#changed({ state: 'closed' })
      this.#failures = 0
      return result
    } catch (error) {
      if (countsAsFailure(error)) this.#fail(error)
      throw error
    } finally {
      if (probe) this.#probing = false
    }
  }

  #fail(error: unknown): void {
    this.#lastError = error
    this.#failures++
    if (this.#failures < this.#limits.failures) return
    const { pauseMs } = this.#limits
    this.#openUntil = this.#clock.monotonicMs() + pauseMs
    // A call that fails while it is half open, or that began before it opened, leaves it open.
    if (this.#failures === this.#limits.failures)
      this.#changed({ state: 'open', failures: this.#failures, pauseMs, error })
  }

  #paused(): TidingsError {
    const leftMs = Math.max(0, Math.ceil(this.#openUntil - this.#clock.monotonicMs()))
    return new TidingsError(
      'EFFECT_PAUSED',
      `${this.#what} failed ${this.#failures} times in a row (last error: ${describeThrown(this.#lastError).message.slice(0, messageLengthMax)}); the next attempt is in ${leftMs} ms.`,
      { cause: this.#lastError },
    )
  }
}

const messageLengthMax = 200
