// Measures work by the wall clock and by the CPU time of this process: user and system, all of its threads.

import type { Measured } from '../work.ts'

/** The shortest duration of a round, in milliseconds. */
const roundMs = 1_000

/** The longest duration of a round, in milliseconds, if it has to go on until it has used its CPU time. */
const roundMsMax = 20_000

let roundCpuMs = 0

/** Sets the CPU time of this process's rounds, in milliseconds. Default: 0, rounds end by the wall clock. */
export function setRoundCpu(ms: number): void {
  roundCpuMs = ms
}

/** The CPU time that this process has used, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Begins a round; returns a function that says whether it is over. */
export function beginRound(): () => boolean {
  const begin = performance.now()
  const cpuBefore = cpuMicros()
  let until = begin + roundMs
  return () => {
    if (performance.now() < until) return false
    // Asked for seldom, because asking costs as much as a piece of work.
    const missingMs = roundCpuMs - (cpuMicros() - cpuBefore) / 1_000
    if (missingMs <= 0 || performance.now() - begin >= roundMsMax) return true
    until = performance.now() + missingMs
    return false
  }
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
    const over = beginRound()
    let count = 0
    while (!over()) {
      const done = work()
      count += (done instanceof Promise ? await done : done) ?? 1
    }
    return count
  })
}
