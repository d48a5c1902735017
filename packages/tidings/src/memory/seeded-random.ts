// Random numbers from a seed: the same seed gives the same numbers on every machine.
// Algorithm: mulberry32 by Tommy Ettinger (public domain), 32 bits of state, period 2^32:
// https://gist.github.com/tommyettinger/46a874533244883189143505d203312c

import type { Random } from '../ports/index.ts'

/**
 * Creates a generator of numbers from 0 (inclusive) to 1 (exclusive), in steps of 2^-32. Not for secrets.
 *
 * @param seed - a whole number; only its lowest 32 bits are used.
 */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
