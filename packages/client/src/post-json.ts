// Posts JSON with the platform's `fetch`. If the service does not answer, it throws `SERVICE_UNAVAILABLE`.

import { TidingsError } from 'tidings'
import { linkedAbort } from './linked-abort.ts'

/** An answer: its status and its JSON body, if it has one. */
export interface PostedAnswer {
  readonly status: number
  readonly body: unknown
}

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

/** The largest answer that is read, in bytes. */
const answerBytesMax = 16_777_216

/** Posts JSON text and reads the answer. */
export async function postJson({ url, text, headers, signals, timeoutMs }: PostRequest): Promise<PostedAnswer> {
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
      signal: end.signal,
    })
    renewTimeout()
    const body = await readText(response, renewTimeout)
    return { status: response.status, body: body === '' ? undefined : JSON.parse(body) }
  } catch (cause) {
    for (const signal of signals) signal.throwIfAborted()
    throw new TidingsError('SERVICE_UNAVAILABLE', `${url.origin} did not answer.`, { cause })
  } finally {
    clearTimeout(timer)
    end.unlink()
  }
}

async function readText(response: Response, onPiece: () => void): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (let read = await reader.read(); read.value !== undefined; read = await reader.read()) {
    onPiece()
    bytes += read.value.length
    if (bytes > answerBytesMax) {
      await reader.cancel()
      throw new RangeError(`The answer is larger than ${answerBytesMax} bytes.`)
    }
    text += decoder.decode(read.value, { stream: true })
  }
  return text + decoder.decode()
}
