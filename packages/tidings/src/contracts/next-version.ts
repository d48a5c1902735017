// The number of the version that follows a version, for the compiler to check. Types only.

import type { ShownSentence } from './shown-sentence.ts'

/** The number that follows `V`; `number` after 50, and if the number is not known: then the definition checks it when it runs. */
export type NumberAfter<V extends number> = `${V}` extends keyof Following ? Following[V] : number

/** The number of the next version. The compiler shows this name beside any other number: versions are numbered 1, 2, 3, … without a gap. */
export type NextVersionIs<Number extends number> =
  | Number
  | ShownSentence<'versions are numbered 1, 2, 3, … without a gap'>

// The number after each index. Written out, because a lookup costs the compiler less than arithmetic on tuples.
// biome-ignore format: fifty lines of one number each
type Following = readonly [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
  32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
]
