// Performs effects in a session, in place of the services' own functions. Invariant: nothing outside is touched unless the test says so, and an
// effect that the test does not list makes it fail with a clear error.

import { type EffectContract, type EffectData, type EffectPerformed, TidingsError } from 'tidings'
import type { EffectRequest, Effects } from 'tidings/ports'

/** What a test's function gets besides the input of the effect that it performs. */
export interface EffectAttempt {
  readonly service: string
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** An effect, and the function that performs it in a test: `[PostImpulse, () => ({ status: 200 })]`. If it throws, the effect fails. */
export type GivenEffect<E extends EffectContract> = readonly [
  E,
  (input: EffectData<E>, attempt: EffectAttempt) => EffectPerformed<E> | Promise<EffectPerformed<E>>,
]

/** Effects and the functions that perform them, or `real` for the services' own functions. */
export type GivenEffects<E extends readonly EffectContract[]> =
  | 'real'
  | { readonly [Index in keyof E]: GivenEffect<E[Index]> }

/** A request of an effect that was performed or attempted. */
export interface PerformedEffect<E extends EffectContract> {
  readonly service: string
  readonly input: EffectData<E>
  readonly idempotencyKey: string
  /** The number of attempts. */
  readonly attempts: number
  /** How many of them succeeded: more than one if its service crashed before it recorded the outcome. */
  readonly successes: number
}

type Perform = (input: unknown, attempt: EffectAttempt) => unknown
type Performed = { -readonly [Name in keyof PerformedEffect<EffectContract>]: PerformedEffect<EffectContract>[Name] }

/** The port for effects of a session. */
export class StandInEffects implements Effects {
  readonly #given: ReadonlyMap<string, Perform> | 'real'
  readonly #outside: <T>(work: Promise<T>) => Promise<T>
  readonly #performed = new Map<string, Map<string, Performed>>()
  #missing: TidingsError | undefined

  /** @param outside - runs work that takes real time, while the session's clock stands still. */
  constructor(given: GivenEffects<readonly EffectContract[]> = [], outside: <T>(work: Promise<T>) => Promise<T>) {
    this.#given = given === 'real' ? given : new Map(given.map(([{ name }, perform]) => [name, perform as Perform]))
    this.#outside = outside
  }

  async perform(request: EffectRequest, own: () => Promise<unknown>): Promise<unknown> {
    const { service, effect, data, idempotencyKey, attempt } = request
    const perform = this.#given === 'real' ? () => this.#outside(own()) : this.#given.get(effect.name)
    if (perform === undefined) {
      this.#missing ??= nothingSaid(request)
      throw this.#missing
    }
    const noted = this.#note(request)
    noted.attempts++
    const outcome = await perform(data, { service, idempotencyKey, attempt })
    noted.successes++
    return outcome
  }

  /** The requests of an effect that were performed or attempted, in the order of the first attempts. */
  performed<E extends EffectContract>(effect: E): readonly PerformedEffect<E>[] {
    this.expectAllGiven()
    return [...(this.#performed.get(effect.name)?.values() ?? [])].map((noted) => ({ ...noted }))
  }

  /** Throws if a service wanted to perform an effect that the test does not list. */
  expectAllGiven(): void {
    if (this.#missing !== undefined) throw this.#missing
  }

  #note({ service, effect, data, idempotencyKey }: EffectRequest): Performed {
    const ofEffect = this.#performed.get(effect.name) ?? new Map<string, Performed>()
    this.#performed.set(effect.name, ofEffect)
    const noted = ofEffect.get(idempotencyKey) ?? { service, input: data, idempotencyKey, attempts: 0, successes: 0 }
    ofEffect.set(idempotencyKey, noted)
    return noted
  }
}

function nothingSaid({ service, effect }: EffectRequest): TidingsError {
  return new TidingsError(
    'EFFECT_REFUSED',
    `Service ${service} performs the effect ${effect.name}, but the test gives no outcome for it.`,
    {
      hint: `Write createSession({ …, effects: [[${effect.name}, (input) => …]] }) with its contract, or effects: 'real' to touch the world.`,
    },
  )
}
