// Limits how much work runs at once; further work waits, in order.

/** Makes a function that runs work, at most `countMax` at once. */
export function limitConcurrency(countMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= countMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // If work is waiting, the next in line takes this place.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
