// Posts JSON with the platform's `fetch`. If the service does not answer, it throws `SERVICE_UNAVAILABLE`.

import { isTidingsError, TidingsError } from 'tidings'
import { type ReceivedAnswer, refuseRedirect } from './check-answer.ts'
import { linkedAbort } from './linked-abort.ts'
import { readText } from './read-text.ts'

/** A request with a JSON body. */
export interface PostRequest {
  readonly url: URL
  /** JSON text. */
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  /** If one is aborted, the request is aborted too and throws its reason. */
  readonly signals: readonly AbortSignal[]
  /** The longest time without any bytes of the answer, in milliseconds. */
  readonly timeoutMs: number
}

/** Posts JSON text and reads the answer. Throws `INVALID_ANSWER` for a redirect or an answer that is too large. */
export async function postJson({ url, text, headers, signals, timeoutMs }: PostRequest): Promise<ReceivedAnswer> {
  const end = linkedAbort(...signals)
  let timer = setTimeout(end.abort, timeoutMs)
  const renewTimeout = () => {
    clearTimeout(timer)
    timer = setTimeout(end.abort, timeoutMs)
  }
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: text,
      redirect: 'manual',
      signal: end.signal,
    })
    refuseRedirect(url.origin, response)
    renewTimeout()
    const { status, headers: received } = response
    return { origin: url.origin, status, headers: received, text: await readText(response, url.origin, renewTimeout) }
  } catch (cause) {
    for (const signal of signals) signal.throwIfAborted()
    end.abort()
    if (isTidingsError(cause)) throw cause
    throw new TidingsError('SERVICE_UNAVAILABLE', `${url.origin} did not answer.`, { cause })
  } finally {
    clearTimeout(timer)
    end.unlink()
  }
}
