// Damaged data that a service has met in its own store: logged once, and kept for its status until the service is started again.
// Invariant: a service that has met a damage never looks healthy, whoever met it: a command, a query, a handler, a subscription, a loop.

import { describeThrown, isTidingsError } from '../../errors/index.ts'
import type { Clock } from '../../ports/index.ts'
import type { Log } from '../../services/index.ts'

/** A damage of a service's store. */
export interface StoreDamage {
  /** What is damaged. */
  readonly message: string
  readonly hint: string
  /** When it was met first, in milliseconds since 1970. */
  readonly at: number
}

/** Notes the first damage that a service meets. */
export class DamageNote {
  readonly #service: string
  readonly #clock: Clock
  readonly #log: Log
  #damage: StoreDamage | undefined
  readonly #met = Promise.withResolvers<StoreDamage>()

  constructor(service: string, clock: Clock, log: Log) {
    this.#service = service
    this.#clock = clock
    this.#log = log
  }

  /** The first damage; `undefined` if none was met. */
  get damage(): StoreDamage | undefined {
    return this.#damage
  }

  /** Resolves when the first damage is met. */
  get met(): Promise<StoreDamage> {
    return this.#met.promise
  }

  /** Looks at an error; notes it if it, or what has caused it, is a damage. */
  note(error: unknown): void {
    if (this.#damage !== undefined) return
    let cause = error
    for (let depth = 0; depth < 8 && isTidingsError(cause); depth++) {
      if (cause.code === 'CORRUPT_DATA') {
        this.#keep(cause)
        return
      }
      cause = cause.cause
    }
  }

  /** Notes what some work throws. */
  async watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.note(error)
      throw error
    }
  }

  #keep(error: unknown): void {
    const { message, hint } = describeThrown(error)
    this.#damage = { message, hint, at: this.#clock.now() }
    this.#met.resolve(this.#damage)
    this.#log.error('The store has damaged data', {
      code: 'CORRUPT_DATA',
      error: message,
      hint,
      next: `npx tidings check ${this.#service}`,
    })
  }
}
