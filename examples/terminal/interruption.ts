// Ctrl-C and its kin: the first asks for an orderly end, the second ends at once.

/** The exit codes of an example. */
export const exitCodes = { done: 0, failed: 1, notUnderstood: 2, interrupted: 130 } as const

/** Signals so close to each other are one Ctrl-C, in milliseconds: the terminal sends it, and npm hands it on once more. */
const sameMs = 1_000

/** A signal that comes with the first Ctrl-C, or when nobody reads what is written any more; a second Ctrl-C ends the process. */
export function interruption(onFirst: () => void): AbortSignal {
  const controller = new AbortController()
  let firstAt = 0
  const interrupt = () => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > sameMs) process.exit(exitCodes.interrupted)
      return
    }
    firstAt = performance.now()
    controller.abort()
    onFirst()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    controller.abort()
  })
  return controller.signal
}
