// Reads the body of an answer as text, up to a limit.

import { TidingsError } from 'tidings'

/** The largest answer that is read, in bytes. */
const answerBytesMax = 16_777_216

/** Reads a body; calls `onPiece` for every piece that arrives. Throws `INVALID_ANSWER` if it is too large. */
export async function readText(response: Response, origin: string, onPiece: () => void): Promise<string> {
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
      throw new TidingsError('INVALID_ANSWER', `${origin} answered with more than ${answerBytesMax} bytes.`)
    }
    text += decoder.decode(read.value, { stream: true })
  }
  return text + decoder.decode()
}
