// One request with JSON, on connections that stay open. Whoever does not answer is `SERVICE_UNAVAILABLE`.

import { Agent, type IncomingMessage, request } from 'node:http'
import { request as requestTls, Agent as TlsAgent } from 'node:https'
import { TidingsError } from 'tidings'

/** An answer and its body. */
export interface PostedAnswer {
  readonly status: number
  readonly body: unknown
}

/** Posts JSON text. */
export type PostJson = (
  url: URL,
  text: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
) => Promise<PostedAnswer>

/** The largest answer that is read, in bytes. */
const answerBytesMax = 16_777_216

/** Creates the way to post, and to let its connections go. */
export function createPostJson(timeoutMs: number): { post: PostJson; close: () => void } {
  const options = { keepAlive: true, maxSockets: 256 }
  const agents = { 'http:': new Agent(options), 'https:': new TlsAgent(options) }
  const post: PostJson = (url, text, headers, signal) =>
    new Promise((resolve, reject) => {
      const fail = (cause: unknown) => {
        if (signal?.aborted === true) reject(signal.reason)
        else reject(new TidingsError('SERVICE_UNAVAILABLE', `${url.origin} did not answer.`, { cause }))
      }
      const secure = url.protocol === 'https:'
      const asked = (secure ? requestTls : request)(url, {
        method: 'POST',
        agent: secure ? agents['https:'] : agents['http:'],
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        ...(signal === undefined ? {} : { signal }),
      })
      asked.setTimeout(timeoutMs, () => asked.destroy())
      asked.on('error', fail)
      asked.on('response', (response) => {
        readAnswer(response).then(resolve, fail)
      })
      asked.end(text)
    })
  return { post, close: () => Object.values(agents).forEach((agent) => void agent.destroy()) }
}

async function readAnswer(response: IncomingMessage): Promise<PostedAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytesMax) {
      response.destroy()
      break
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return { status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }
}
