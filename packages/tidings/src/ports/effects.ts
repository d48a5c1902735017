// The port that tests and simulations use to perform effects without touching the outside world.

import type { EffectContract } from '../contracts/index.ts'

/** An effect to perform. */
export interface EffectRequest {
  readonly service: string
  readonly effect: EffectContract
  /** The input of the request, upcast to the newest version. */
  readonly data: unknown
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
}

/**
 * Performs effects instead of the functions that services declare.
 *
 * Idempotence: none; a request may come again under the same idempotency key.
 * Failure: an error that it throws counts as a failure of the effect.
 */
export interface Effects {
  /**
   * Performs an effect and returns its outcome.
   *
   * @param own - performs it with the service's own function, in the outside world.
   */
  perform(request: EffectRequest, own: () => Promise<unknown>): Promise<unknown>
}
