// One signal for several: cheaper than `AbortSignal.any` for a signal that outlives thousands of calls, since nothing of a call stays.

/** A signal that follows others. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  /** Aborts it alone. */
  abort(reason?: unknown): void
  /** Follows the others no longer. */
  unlink(): void
}

/** Follows signals until `unlink`: aborted with the reason of the first of them. */
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
