// Performing effects in a session, in place of the services' own functions. Invariant: nothing outside is touched unless the test says so,
// and what nobody has said anything of makes the test fail with a sentence.

import { type EffectContract, type EffectData, type EffectOutcome, TidingsError } from 'tidings'
import type { EffectRequest, Effects } from 'tidings/ports'

/** What a test's function knows of the effect it performs, besides its input. */
export interface EffectAttempt {
  readonly service: string
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** An effect, and what performs it in a test: `[PostImpulse, () => ({ status: 200 })]`. What it throws is the effect's failure. */
export type GivenEffect<E extends EffectContract> = readonly [
  E,
  (input: EffectData<E>, attempt: EffectAttempt) => EffectOutcome<E> | Promise<EffectOutcome<E>>,
]

/** Effects and what performs them, or `real`: the services' own functions, which touch the world. */
export type GivenEffects<E extends readonly EffectContract[]> =
  | 'real'
  | { readonly [Index in keyof E]: GivenEffect<E[Index]> }

/** An effect that was performed, or tried. */
export interface PerformedEffect<E extends EffectContract> {
  readonly service: string
  readonly input: EffectData<E>
  readonly idempotencyKey: string
  /** How often it was tried. */
  readonly attempts: number
  /** How often of these it succeeded: more than once where its service crashed before it could note the outcome. */
  readonly successes: number
}

type Perform = (input: unknown, attempt: EffectAttempt) => unknown
type Performed = { -readonly [Name in keyof PerformedEffect<EffectContract>]: PerformedEffect<EffectContract>[Name] }

/** Stands in for the outside world. */
export class StandInEffects implements Effects {
  readonly #given: ReadonlyMap<string, Perform> | 'real'
  readonly #outside: <T>(work: Promise<T>) => Promise<T>
  readonly #performed = new Map<string, Map<string, Performed>>()
  #missing: TidingsError | undefined

  /** @param outside - runs work whose time is not the session's. */
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

  /** What was performed or tried of an effect, in order of the first attempts. */
  performed<E extends EffectContract>(effect: E): readonly PerformedEffect<E>[] {
    this.expectAllGiven()
    return [...(this.#performed.get(effect.name)?.values() ?? [])].map((noted) => ({ ...noted }))
  }

  /** Throws where an effect was to be performed of which the test says nothing. */
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
    `Service ${service} performs the effect ${effect.name}, and the test does not say what comes of it.`,
    {
      hint: `Write createSession({ …, effects: [[${effect.name}, (input) => …]] }) with its contract, or effects: 'real' to touch the world.`,
    },
  )
}
