// Asks again and again whether a reader of a live query is still let in: a session may end and a role may be taken away while a stream is open.
// Invariant: a reader that is no longer let in, or is somebody else now, gets nothing more after the next interval.

import { isTidingsError, type PrincipalInput, TidingsError } from 'tidings'
import { type Environment, withTimeout } from 'tidings/runtime'

/** If `authorize` itself fails so many times in a row, the stream ends: who the reader is, is not known any more. */
const failuresMax = 3

/** A reader that is asked for again. */
export interface Reauthorized {
  /** Who reads, as `authorize` said when the stream began. */
  readonly principal: PrincipalInput | null
  /** Calls `authorize` again. */
  authorize(): Promise<PrincipalInput | null>
  /** Called once, when the reader is no longer let in. */
  refuse(why: unknown): void
}

/** Begins to ask every `intervalMs`; returns what stops it. */
export function reauthorize(
  { principal, authorize, refuse }: Reauthorized,
  intervalMs: number,
  timeouts: Environment['timeouts'],
): () => void {
  const before = JSON.stringify(principal)
  let failures = 0
  let stopped = false
  const late = () => new Error(`authorize did not answer within ${intervalMs} ms.`)
  let cancel = timeouts.after(intervalMs, ask)
  function ask(): void {
    // An `authorize` that never answers must not leave the reader in for ever.
    withTimeout(timeouts, intervalMs, authorize(), late).then(
      (now) => {
        failures = 0
        if (JSON.stringify(now) === before) again()
        else end(new TidingsError('UNAUTHENTICATED', 'The reader is not who it was when the stream began.'))
      },
      (error: unknown) => {
        const isRefusal = isTidingsError(error, 'UNAUTHENTICATED') || isTidingsError(error, 'FORBIDDEN')
        if (isRefusal || ++failures >= failuresMax) end(error)
        else again()
      },
    )
  }
  function again(): void {
    if (!stopped) cancel = timeouts.after(intervalMs, ask)
  }
  function end(why: unknown): void {
    if (stopped) return
    stopped = true
    refuse(why)
  }
  return () => {
    stopped = true
    cancel()
  }
}
