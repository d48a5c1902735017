// Repeatable random numbers: the same seed gives the same sequence on every machine.

/** Random choices from a seed. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number
  /** True with this probability: 0.05 is one in twenty. */
  chance(share: number): boolean
  /** One of several. */
  pick<const Choices extends readonly [unknown, ...unknown[]]>(choices: Choices): Choices[number]
  /** An id of 32 hexadecimal digits. */
  id(): string
}

/** Creates random choices from a seed (mulberry32, see https://github.com/bryc/code/blob/master/jshash/PRNGs.md). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const whole = (min: number, max: number): number => min + (next() % (max - min + 1))
  return {
    whole,
    chance: (share) => next() < share * 2 ** 32,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
    id: () => Array.from({ length: 4 }, () => next().toString(16).padStart(8, '0')).join(''),
  }
}
