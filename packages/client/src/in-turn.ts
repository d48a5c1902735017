// Bounds how much is under way at once: what comes beyond that waits, first come, first served.

/** Makes a function that runs work, at most `countMax` at once. */
export function inTurn(countMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= countMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // The place is handed on, or given back.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
