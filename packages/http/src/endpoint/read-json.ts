// Reads a request's body as JSON within limits: bytes are counted while it is read, and nesting is checked before it is parsed.
// Invariant: the value is nested no deeper than the limit, no member of it would change a prototype, and no number of it was rounded.

import { isTidingsError, TidingsError } from 'tidings'
import { inexactNumber, pointerTo } from 'tidings/contracts'
import { HttpError } from './problem-of-error.ts'

/** The limits of a body. */
export interface BodyLimits {
  readonly bodyBytesMax: number
  readonly payloadDepthMax: number
}

/** Reads a request's body as JSON; throws `PAYLOAD_…` or an `HttpError`. */
export async function readJson(request: Request, limits: BodyLimits): Promise<unknown> {
  checkType(request.headers)
  return parseJson(decode(await readBytes(request, limits.bodyBytesMax)), limits.payloadDepthMax)
}

function checkType(headers: Headers): void {
  const [essence, ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  const utf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  if (essence?.trim() !== 'application/json' || !utf8)
    throw new HttpError('unsupported-media-type', 'The content type of the body is not JSON in UTF-8.')
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
    throw new HttpError('unsupported-media-type', 'The body is compressed.')
}

async function readBytes(request: Request, bodyBytesMax: number): Promise<Uint8Array> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > bodyBytesMax) throw tooLarge(bodyBytesMax)
  try {
    if (length === null || request.headers.has('transfer-encoding')) return await readStream(request, bodyBytesMax)
    // An HTTP server lets no more through than the declared length. Other hosts may, so this checks the length again.
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > bodyBytesMax) throw tooLarge(bodyBytesMax)
    return bytes
  } catch (cause) {
    if (isTidingsError(cause)) throw cause
    throw new HttpError('body-incomplete', 'The body did not arrive completely.')
  }
}

async function readStream(request: Request, bodyBytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader = request.body?.getReader()
  try {
    for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
      bytes += read.value.length
      if (bytes > bodyBytesMax) throw tooLarge(bodyBytesMax)
      chunks.push(read.value)
    }
  } finally {
    // Stops the sender if a part was not read.
    void reader?.cancel().catch(() => {})
  }
  return joined(chunks, bytes)
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

function tooLarge(bodyBytesMax: number): TidingsError {
  return new TidingsError('PAYLOAD_TOO_LARGE', `The body is larger than bodyBytesMax, which is ${bodyBytesMax}.`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new TidingsError('PAYLOAD_NOT_JSON', 'The body is not UTF-8.', { cause })
  }
}

/**
 * Parses JSON text, which `what` names in errors, after checking how deep it is nested; throws `PAYLOAD_TOO_DEEP`, or `PAYLOAD_NOT_JSON` (also for a number that a double
 * does not hold).
 */
export function parseJson(text: string, depthMax: number, what = 'The body'): unknown {
  if (isDeeper(text, depthMax))
    throw new TidingsError('PAYLOAD_TOO_DEEP', `${what} is nested deeper than payloadDepthMax, which is ${depthMax}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const at = /position (\d+)/.exec(String(cause))?.[1]
    throw new TidingsError('PAYLOAD_NOT_JSON', `${what} is not JSON${at === undefined ? '' : ` (at character ${at})`}.`)
  }
  const inexact = inexactNumber(text)
  if (inexact !== undefined) refuseNumber(inexact)
  // Only text with one of these can have what is refused here, so most bodies are not searched.
  if (text.includes('__proto__') || text.includes('\\u')) refuseHostile(value, '')
  return value
}

function isDeeper(text: string, depthMax: number): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (inString) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) inString = false
    } else if (unit === 0x22) inString = true
    else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > depthMax) return true
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return false
}

function refuseHostile(value: unknown, path: string): void {
  if (typeof value === 'string' && !value.isWellFormed()) refuse('a lone surrogate', path)
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') refuse('a member named __proto__', path)
    if (!name.isWellFormed()) refuse('a member whose name has a lone surrogate', path)
    refuseHostile(member, path + pointerTo(name))
  }
}

function refuseNumber(number: string): never {
  const [sent, read] = [number.slice(0, 40), String(Number(number))]
  throw new TidingsError('PAYLOAD_NOT_JSON', `The body has the number ${sent}, which would be read as ${read}.`, {
    hint: 'Send a number that has so many digits, or is so large or small, as a text.',
    details: { number: sent, read },
  })
}

function refuse(found: string, path: string): never {
  throw new TidingsError('PAYLOAD_NOT_JSON', `The body has ${found} at ${path === '' ? 'its root' : path}.`)
}
