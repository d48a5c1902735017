// Ctrl-C and similar signals: the first asks for an orderly end, the second ends the process at once.

/** The exit codes of an example. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Signals that arrive within this time count as one Ctrl-C, in milliseconds: the terminal sends one, and npm forwards it. */
const sameMs = 1_000

/** A signal that is aborted on the first Ctrl-C, or when standard output is closed. A second Ctrl-C ends the process. */
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
