// Measures rates and times, and computes medians and percentiles.

/** The shortest duration of a round, in milliseconds. */
export const roundMs = 1_000

/** Calls `work` until a round's time is over; returns its rate per second. `work` returns how much it did; the default is 1. */
export async function perSecond(work: () => Promise<number | undefined> | number | undefined): Promise<number> {
  const begin = performance.now()
  let count = 0
  let elapsedMs = 0
  while (elapsedMs < roundMs) {
    const done = work()
    count += (done instanceof Promise ? await done : done) ?? 1
    elapsedMs = performance.now() - begin
  }
  return (count / elapsedMs) * 1_000
}

/** The machine's monotonic clock in milliseconds: the same for all processes of the machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The medians of rounds that have several figures each, figure by figure. */
export function medians(rounds: readonly (readonly number[])[]): readonly number[] {
  return (rounds[0] ?? []).map((_, index) => median(rounds.map((round) => round[index] ?? Number.NaN)))
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
