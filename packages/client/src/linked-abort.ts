// One signal for several. If a signal outlives thousands of calls, this is cheaper than `AbortSignal.any`: after `unlink`, a call leaves
// nothing behind.

/** A signal that follows others. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts this signal, not the others. */
  abort(reason?: unknown): void
  /** Stops following the others. */
  unlink(): void
}

/** Makes a signal. Until `unlink`, it is aborted as soon as one of the others is, with the same reason. */
export function linkedAbort(...signals: readonly (AbortSignal | undefined)[]): LinkedAbort {
  const end = new AbortController()
  const unlinks = signals.flatMap((signal) => {
    if (signal === undefined) return []
    const abort = () => end.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
    return [() => signal.removeEventListener('abort', abort)]
  })
  return {
    signal: end.signal,
    abort: (reason) => end.abort(reason),
    unlink: () => unlinks.forEach((unlink) => void unlink()),
  }
}
