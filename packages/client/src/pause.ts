// Waits, on every platform.

import { linkedAbort } from './linked-abort.ts'

/** Resolves after `delayMs`; throws the reason of the first signal that is aborted. */
export async function pause(delayMs: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const end = linkedAbort(...signals)
  try {
    end.signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, delayMs)
      end.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(end.signal.reason)
      })
    })
  } finally {
    end.unlink()
  }
}
