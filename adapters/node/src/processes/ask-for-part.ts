// Asks for one part of a bundle of live queries at the process of its service.

import { type IncomingMessage, request } from 'node:http'
import type { AskForPart, LivePart, PartEvent, PartRequest } from '@tidings/http/host'
import { EventParser } from '@tidings/http/wire'
import { TidingsError } from 'tidings'

/** Asks at the URL where a service is now; `undefined` while it is away. */
export function askForPart(urlOf: (service: string) => string | undefined): AskForPart {
  return async (part, how) => {
    const url = urlOf(part.service)
    if (url === undefined) throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${part.service} is away.`)
    const response = await ask(url, part, how)
    if (response.statusCode === 200) return { events: eventsOf(response) }
    return { status: response.statusCode ?? 502, problem: await textOf(response) }
  }
}

function ask(url: string, { service, name, input }: LivePart, { headers, signal }: PartRequest) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/${encodeURIComponent(service)}/live/${encodeURIComponent(name)}`
    const asked = request(`${url}${path}?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers,
      // A connection of its own for as long as it is read: none of a pool is held back by it.
      agent: false,
      signal,
    })
    asked.on('response', resolve).on('error', reject).end()
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
