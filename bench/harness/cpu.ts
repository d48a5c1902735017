// Measures work by the wall clock and by the CPU time of this process: user and system, all of its threads.

import type { Measured } from '../work.ts'

/** The shortest duration of a round, in milliseconds. */
export const roundMs = 1_000

/** The CPU time that this process has used, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** What a piece of work took. */
export interface Spent {
  readonly count: number
  readonly wallMs: number
  readonly cpuMicros: number
}

/** Measures work that returns how much it did. */
export async function spent(work: () => Promise<number>): Promise<Spent> {
  const cpuBefore = cpuMicros()
  const begin = performance.now()
  const count = await work()
  return { count, wallMs: performance.now() - begin, cpuMicros: cpuMicros() - cpuBefore }
}

/** A rate per second, and the CPU time of one piece. */
export function asRate({ count, wallMs, cpuMicros }: Spent): Measured {
  return { figure: (count / wallMs) * 1_000, cpuMicros: cpuMicros / count }
}

/** Measures the rate of work that returns how much it did. */
export async function rateOf(work: () => Promise<number>): Promise<Measured> {
  return asRate(await spent(work))
}

/** Calls `work` until a round's time is over; returns its rate. `work` returns how much it did; the default is 1. */
export function perSecond(work: () => Promise<number | undefined> | number | undefined): Promise<Measured> {
  return rateOf(async () => {
    const begin = performance.now()
    let count = 0
    while (performance.now() - begin < roundMs) {
      const done = work()
      count += (done instanceof Promise ? await done : done) ?? 1
    }
    return count
  })
}
