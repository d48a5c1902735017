// Clocks, medians and percentiles.

import type { Measured } from '../work.ts'

/** The machine's monotonic clock in milliseconds: the same for all processes of the machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The medians of rounds that have several figures each, figure by figure; of their CPU times, too. */
export function medianMeasured(rounds: readonly (readonly Measured[])[]): readonly Measured[] {
  return (rounds[0] ?? []).map((_, index) => {
    const all = rounds.flatMap((round) => round[index] ?? [])
    const figure = median(all.map((each) => each.figure))
    const cpu = all.flatMap(({ cpuMicros }) => cpuMicros ?? [])
    return cpu.length === 0 ? { figure } : { figure, cpuMicros: median(cpu) }
  })
}

/** The smallest figure that is at least as large as `percent` percent of all (nearest rank); `NaN` if there are no figures. */
export function percentile(figures: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(figures).sort()
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN
}

/**
 * A clock that returns milliseconds since 1970 with fractions, unlike `Date.now`. Each call of this function synchronises a new clock with
 * `Date.now`, because the time of day may be changed.
 */
export function wallClock(): () => number {
  const before = Date.now()
  let now = Date.now()
  while (now === before) now = Date.now()
  const offset = now - performance.now()
  return () => offset + performance.now()
}

/** The median; for an even number of figures, the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}
