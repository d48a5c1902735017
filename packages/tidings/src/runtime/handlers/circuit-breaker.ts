// A circuit breaker: after so many failures in a row nothing is tried for a while, then one alone. What waits is not counted as tried.
// The three states are Nygard's ("Release It!", chapter 5): closed, open, half open.

import { TidingsError } from '../../errors/index.ts'
import type { Clock } from '../../ports/index.ts'

/** How a breaker stands. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** Guards one effect of one service. */
export class CircuitBreaker {
  readonly #what: string
  readonly #clock: Clock
  readonly #limits: { readonly failures: number; readonly pauseMs: number }
  #failures = 0
  #openUntil = 0
  #probing = false
  #lastError: unknown

  constructor(what: string, clock: Clock, limits: { readonly failures: number; readonly pauseMs: number }) {
    this.#what = what
    this.#clock = clock
    this.#limits = limits
  }

  get state(): BreakerState {
    if (this.#failures < this.#limits.failures) return 'closed'
    return this.#clock.monotonicMs() < this.#openUntil ? 'open' : 'half-open'
  }

  /** Runs work, or throws `EFFECT_PAUSED` where it may not be tried now. A failure that only concerns the work itself does not count. */
  async run<T>(work: () => Promise<T>, isOthersFault: (error: unknown) => boolean): Promise<T> {
    const { state } = this
    if (state === 'open' || (state === 'half-open' && this.#probing)) throw this.#paused()
    const probe = state === 'half-open'
    if (probe) this.#probing = true
    try {
      const result = await work()
      this.#failures = 0
      return result
    } catch (error) {
      if (isOthersFault(error)) this.#fail(error)
      throw error
    } finally {
      if (probe) this.#probing = false
    }
  }

  #fail(error: unknown): void {
    this.#lastError = error
    this.#failures++
    if (this.#failures >= this.#limits.failures) this.#openUntil = this.#clock.monotonicMs() + this.#limits.pauseMs
  }

  #paused(): TidingsError {
    const leftMs = Math.max(0, Math.ceil(this.#openUntil - this.#clock.monotonicMs()))
    return new TidingsError(
      'EFFECT_PAUSED',
      `${this.#what} has failed ${this.#failures} times in a row (${lastly(this.#lastError)}) and is not tried for ${leftMs} ms more.`,
      { cause: this.#lastError },
    )
  }
}

const messageLengthMax = 200

function lastly(error: unknown): string {
  return String(error).slice(0, messageLengthMax)
}
