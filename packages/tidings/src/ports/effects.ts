// Performing effects elsewhere than where they are declared: tests and simulations, which must not touch the world.

import type { EffectContract } from '../contracts/index.ts'

/** An effect to be performed. */
export interface EffectRequest {
  readonly service: string
  readonly effect: EffectContract
  /** What was requested, as the newest version. */
  readonly data: unknown
  readonly idempotencyKey: string
  /** 1 for the first attempt. */
  readonly attempt: number
}

/**
 * Performs effects in place of their own functions.
 *
 * Idempotence: none; a request may come again under the same idempotency key.
 * Failure: what it throws counts as the effect's own failure.
 */
export interface Effects {
  /**
   * Gives the outcome.
   *
   * @param own - performs it as its service declares, in the world.
   */
  perform(request: EffectRequest, own: () => Promise<unknown>): Promise<unknown>
}
