// The options of `tidings simulate`, without anything that needs the test kit.

import type { SystemOptions } from '../invocation.ts'

/** The options of `tidings simulate`. */
export interface SimulateOptions extends SystemOptions {
  readonly seed?: number
  readonly runs?: number
  readonly minutes?: number
  readonly simulation?: string
  readonly instances?: number
}

/** The largest seed. */
export const seedMax = 2 ** 32 - 1

/** The most instances of a service. */
export const instancesMax = 4

/** The number of runs if neither `--runs` nor `--minutes` nor `--seed` is given. */
export const defaultRuns = 100
