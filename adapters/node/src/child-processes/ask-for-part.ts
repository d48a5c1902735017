// Requests one part of a bundle of live queries from the process of its service.

import { type IncomingMessage, request } from 'node:http'
import type { AskForPart, LivePart, PartEvent, PartRequest } from '@tidings/http/host'
import { EventParser } from '@tidings/http/wire'
import { TidingsError } from 'tidings'

/** Requests parts at a service's current URL, which is `undefined` while the service is down. */
export function askForPart(urlOf: (service: string) => string | undefined): AskForPart {
  return async (part, partRequest) => {
    const url = urlOf(part.service)
    if (url === undefined) throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${part.service} is down.`)
    const response = await ask(url, part, partRequest)
    if (response.statusCode === 200) return { events: eventsOf(response) }
    return { status: response.statusCode ?? 502, problem: await textOf(response) }
  }
}

function ask(url: string, { service, name, input }: LivePart, { headers, signal }: PartRequest) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/${encodeURIComponent(service)}/live/${encodeURIComponent(name)}`
    const outgoing = request(`${url}${path}?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers,
      // A connection of its own, because a stream would occupy one of a pool for a long time.
      agent: false,
      signal,
    })
    outgoing.on('response', resolve).on('error', reject).end()
  })
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<PartEvent> {
  const parser = new EventParser()
  const decoder = new TextDecoder()
  for await (const chunk of response as AsyncIterable<Uint8Array>)
    for (const { event, id, data } of parser.push(decoder.decode(chunk, { stream: true })))
      yield { event, id, json: data }
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response as AsyncIterable<string>) text += chunk
  return text
}
