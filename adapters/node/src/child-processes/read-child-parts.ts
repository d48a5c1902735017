// Reads the parts of a bundle that belong to one service from its process: all of them over one connection.

import { type IncomingMessage, request } from 'node:http'
import type { AdmittedPart, BundleEvent } from '@tidings/http/host'
import { ofParameter } from '@tidings/http/host'
import { EventParser } from '@tidings/http/wire'
import { TidingsError } from 'tidings'
import type { NodeConnection } from '../server/node-connection.ts'
import { forwardedRequestHeaders } from './proxy.ts'

/** Whose bundle is read, and from where. */
export interface ChildParts {
  /** The URL of the service's process; `undefined` while it is down. */
  readonly url: string | undefined
  readonly connection: NodeConnection
  /** The caller's address, which the process is told. */
  readonly address: string | undefined
  readonly parts: readonly AdmittedPart[]
  /** How long the answer may take to begin, in milliseconds. */
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
}

/** Reads the parts; throws `SERVICE_UNAVAILABLE` if the process is down. */
export async function* readChildParts({
  url,
  connection,
  address,
  parts,
  answerTimeoutMs,
  signal,
}: ChildParts): AsyncGenerator<BundleEvent> {
  if (url === undefined) throw new TidingsError('SERVICE_UNAVAILABLE', 'The service is down.')
  const target = new URL('/live', url)
  // The caller's other parameters may be credentials.
  const { searchParams } = new URL(connection.incoming.url ?? '/', 'http://localhost')
  for (const [name, value] of searchParams) if (name !== 'of') target.searchParams.append(name, value)
  target.searchParams.set('of', ofParameter(parts))
  const response = await open(
    target,
    forwardedRequestHeaders(connection.incoming.headers, address),
    answerTimeoutMs,
    signal,
  )
  if (response.statusCode === 200) yield* eventsOf(response, parts)
  else yield* refusalsOf(response, parts)
}

function open(
  target: URL,
  headers: Readonly<Record<string, string | string[]>>,
  answerTimeoutMs: number,
  signal: AbortSignal,
) {
  const { 'last-event-id': _ofBundle, ...rest } = headers
  return new Promise<IncomingMessage>((resolve, reject) => {
    // A connection of its own, because a stream would occupy one of a pool for a long time.
    const outgoing = request(target, { headers: rest, agent: false, signal })
    const late = () =>
      outgoing.destroy(
        new TidingsError('SERVICE_UNAVAILABLE', `The service did not answer within ${answerTimeoutMs} ms.`),
      )
    const timer = setTimeout(late, answerTimeoutMs)
    outgoing
      .on('response', (response) => {
        clearTimeout(timer)
        resolve(response)
      })
      .on('error', reject)
      .on('close', () => clearTimeout(timer))
      .end()
  })
}

// The process numbers the parts as they were sent to it.
async function* eventsOf(response: IncomingMessage, parts: readonly AdmittedPart[]): AsyncGenerator<BundleEvent> {
  const parser = new EventParser()
  const decoder = new TextDecoder()
  for await (const chunk of response as AsyncIterable<Uint8Array>)
    for (const { event, id, data } of parser.push(decoder.decode(chunk, { stream: true }))) {
      const [head, of] = /^\{"of":(\d+),?/.exec(data) ?? []
      const part = parts[Number(of)]
      if (head !== undefined && part !== undefined)
        yield { of: part.index, event, id, json: `{${data.slice(head.length)}` }
    }
}

async function* refusalsOf(response: IncomingMessage, parts: readonly AdmittedPart[]): AsyncGenerator<BundleEvent> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response as AsyncIterable<string>) text += chunk
  const { statusCode = 502 } = response
  const problem = JSON.parse(text) as { readonly refused?: readonly { readonly problem: unknown }[] }
  if (statusCode >= 500)
    throw new TidingsError('SERVICE_UNAVAILABLE', `The service answered with status ${statusCode}.`)
  for (const [number, { index }] of parts.entries())
    yield {
      of: index,
      event: 'refused',
      id: '',
      json: JSON.stringify({ problem: problem.refused?.[number]?.problem ?? problem }),
    }
}
