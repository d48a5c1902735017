// A checker checks one promise by what users see of a system that has settled.

import type { Evidence } from '../evidence/evidence.ts'

/** When a checker runs: before parked events are redriven, after that (`rest`), or after every read model was rebuilt as well. */
export type CheckMoment = 'parked' | 'rest' | 'rebuilt'

/** Checks one promise. */
export interface Checker {
  /** `nothing-lost`. */
  readonly name: string
  /** The promise in one sentence. */
  readonly promise: string
  readonly at: CheckMoment
  /**
   * Returns a sentence for each breach; none if the promise was kept.
   *
   * @param before - the evidence from before the read models were rebuilt; the same as `now` at other moments.
   */
  check(now: Evidence, before: Evidence): readonly string[] | Promise<readonly string[]>
}

/** Identifies the delivery of an event to a handler. */
export function deliveryId(handler: string, event: string): string {
  return `${handler} ${event}`
}
