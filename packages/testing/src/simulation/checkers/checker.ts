// What a checker is: one promise, judged by what users see when a system has come to rest.

import type { Evidence } from '../evidence/evidence.ts'

/** When a checker looks: before what is parked is tried again, after it, or also after everything was rebuilt. */
export type CheckMoment = 'parked' | 'rest' | 'rebuilt'

/** Judges one promise. */
export interface Checker {
  /** `nothing-lost`. */
  readonly name: string
  /** The promise in one sentence. */
  readonly promise: string
  readonly at: CheckMoment
  /**
   * Gives a sentence for each breach; none where the promise was kept.
   *
   * @param before - what was seen at rest before the read models were rebuilt; the same as `now` for other moments.
   */
  check(now: Evidence, before: Evidence): readonly string[] | Promise<readonly string[]>
}

/** The key under which a delivery is known. */
export function deliveryId(handler: string, event: string): string {
  return `${handler} ${event}`
}
