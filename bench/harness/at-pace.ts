// Work at a steady rate: each piece begins at its time, however long earlier ones take, so that a slow contender gets the same load.

/** Begins `count` pieces of work, `everyMs` apart; resolves when all are done. */
export async function atPace(count: number, everyMs: number, work: (index: number) => Promise<unknown>): Promise<void> {
  const begin = performance.now()
  const pending: Promise<unknown>[] = []
  for (let index = 0; index < count; index++) {
    const waitMs = begin + index * everyMs - performance.now()
    if (waitMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, waitMs))
    pending.push(work(index))
  }
  await Promise.all(pending)
}
