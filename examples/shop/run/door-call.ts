// One request to a service's own HTTP door, on connections that stay open. Whoever is not there, or does not answer in time, is
// `SERVICE_UNAVAILABLE`, which may be tried again; a problem that the door tells is the error it stands for.
import { Agent, request } from 'node:http'
import { type ErrorCode, errorRegistry, TidingsError } from 'tidings'

/** Connections that stay open between requests. */
export const doorAgent = (): Agent => new Agent({ keepAlive: true, maxSockets: 64 })

/** What a door answered. */
export interface DoorAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const timeoutMs = 30_000

/** Posts JSON to a door; throws `SERVICE_UNAVAILABLE` where nobody answers. */
export function callDoor(
  agent: Agent,
  url: string,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<DoorAnswer> {
  const text = JSON.stringify(input)
  return new Promise((resolve, reject) => {
    const unavailable = (cause: unknown) =>
      reject(new TidingsError('SERVICE_UNAVAILABLE', `${url} did not answer.`, { cause }))
    const asked = request(url, {
      method: 'POST',
      agent,
      timeout: timeoutMs,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    asked.on('error', unavailable)
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', unavailable)
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) })
        } catch (cause) {
          unavailable(cause)
        }
      })
    })
    asked.end(text)
  })
}

/** The error that a door's problem stands for. */
export function errorOfDoor({ status, body }: DoorAnswer): TidingsError {
  const { code, detail, hint } = body
  const known = typeof code === 'string' && Object.hasOwn(errorRegistry, code)
  return new TidingsError(known ? (code as ErrorCode) : 'SERVICE_UNAVAILABLE', String(detail ?? `HTTP ${status}`), {
    ...(typeof hint === 'string' ? { hint } : {}),
  })
}
