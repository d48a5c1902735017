// Random choices that follow from a seed, as faults and workloads need them.

import { createSeededRandom } from 'tidings/memory'

/** Random choices that follow from a seed: the same seed gives the same choices on every machine. */
export interface Chance {
  /** A number from 0 (inclusive) to 1 (exclusive). */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** True with this probability: 0.05 is one in twenty. */
  happens(share: number): boolean
  /** One of several; throws a `RangeError` if there is none. */
  pick<T>(choices: readonly T[]): T
}

/** Creates the random choices of a seed. */
export function createChance(seed: number): Chance {
  const random = createSeededRandom(seed)
  const whole = (least: number, most: number) => least + Math.floor(random.next() * (most - least + 1))
  return {
    next: () => random.next(),
    whole,
    happens: (share) => random.next() < share,
    pick: (choices) => {
      if (choices.length === 0) throw new RangeError('There is nothing to pick from.')
      return choices[whole(0, choices.length - 1)] as (typeof choices)[number]
    },
  }
}
