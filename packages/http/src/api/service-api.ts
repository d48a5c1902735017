// The HTTP API of one service: it authorizes the caller, then reads the body, then calls the service.

import type { PrincipalInput } from 'tidings'
import type { LiveReader, ServiceRuntime } from 'tidings/runtime'
import { type Answer, answerJson, answerProblem } from '../endpoint/answer.ts'
import type { Connection, Exchange } from '../endpoint/exchange.ts'
import { httpProblem } from '../endpoint/problem-of-error.ts'
import { parseJson, readJson } from '../endpoint/read-json.ts'
import type { LivePart, PartEvent } from '../live/live-bundle.ts'
import type { LiveStreams } from '../live/live-streams.ts'
import type { ApiAccess, ApiRequest } from './api-options.ts'
import { Exposure } from './exposed-parts.ts'
import { openApiOf } from './openapi.ts'
import { principalOf } from './principal.ts'
import { queryOptions, requestOptions } from './request-options.ts'

/** The parts of a request that say who sent it. */
interface Caller {
  readonly headers: Headers
  readonly connection: Connection
}

/** One service of an HTTP API. */
export class ServiceApi {
  readonly #service: ServiceRuntime
  readonly #access: ApiAccess
  readonly #streams: LiveStreams
  readonly #exposure: Exposure

  constructor(service: ServiceRuntime, access: ApiAccess, streams: LiveStreams, development: boolean) {
    this.#service = service
    this.#access = access
    this.#streams = streams
    this.#exposure = new Exposure(service.declaration, development)
  }

  get name(): string {
    return this.#service.name
  }

  async command(exchange: Exchange, name: string): Promise<Answer> {
    const principal = await this.#principal(exchange, 'command', name)
    this.#exposure.check('command', name)
    const options = { ...requestOptions(exchange.headers), principal }
    const result = await this.#service.command(name, await this.#bodyOf(exchange), options)
    const { commandId, replayed, token } = result
    if (result.accepted) return answerJson({ commandId, replayed, token, output: result.output })
    const { code, message, details } = result.rejection
    return answerProblem(httpProblem('rejected', message, { rejection: { code, details }, commandId, replayed, token }))
  }

  async query(exchange: Exchange, name: string): Promise<Answer> {
    const principal = await this.#principal(exchange, 'query', name)
    this.#exposure.check('query', name)
    const options = { ...queryOptions(exchange.headers), principal }
    const answer = await this.#service.query(name, await this.#bodyOf(exchange), options)
    return answer === undefined
      ? answerProblem(httpProblem('gone', `Query ${name} found nothing.`))
      : answerJson(answer)
  }

  async live(exchange: Exchange, name: string): Promise<Answer> {
    const after = exchange.headers.get('last-event-id') ?? exchange.query('after')
    const reader = await this.#read(exchange, name, exchange.query('input'), after)
    return this.#streams.read(reader, name)
  }

  /** Returns the events of a live query that is part of a bundle, until the signal is aborted. */
  async follow(part: LivePart, caller: Caller, signal: AbortSignal): Promise<AsyncIterable<PartEvent>> {
    const after = caller.headers.get('last-event-id') ?? undefined
    return eventsOf(await this.#read(caller, part.name, JSON.stringify(part.input), after), signal)
  }

  /** The OpenAPI document of this service. */
  async document(exchange: Exchange): Promise<Answer> {
    await this.#principal(exchange, 'document', 'openapi')
    return answerJson(
      openApiOf([this.#service.declaration], { prefix: 'service', securitySchemes: this.#access.securitySchemes }),
    )
  }

  async #read(caller: Caller, name: string, input: string | undefined, after: string | undefined): Promise<LiveReader> {
    const principal = await this.#principal(caller, 'live', name)
    this.#exposure.check('live-query', name)
    const { correlationId } = queryOptions(caller.headers)
    const { payloadDepthMax } = this.#service.declaration.limits
    return this.#service.live(name, input === undefined ? undefined : parseJson(input, payloadDepthMax), {
      principal,
      ...(after === undefined ? {} : { after }),
      ...(correlationId === undefined ? {} : { correlationId }),
    })
  }

  #principal({ headers, connection }: Caller, kind: ApiRequest['kind'], name: string): Promise<PrincipalInput | null> {
    return principalOf(this.#access, { service: this.name, kind, name, headers, connection })
  }

  #bodyOf({ request }: Exchange): Promise<unknown> {
    const { payloadDepthMax } = this.#service.declaration.limits
    return readJson(request, { bodyBytesMax: this.#access.bodyBytesMax, payloadDepthMax })
  }
}

async function* eventsOf(reader: LiveReader, signal: AbortSignal): AsyncGenerator<PartEvent> {
  const close = () => reader.close()
  if (signal.aborted) close()
  else signal.addEventListener('abort', close)
  try {
    for await (const { kind, id, json } of reader) yield { event: kind, id, json }
  } finally {
    signal.removeEventListener('abort', close)
  }
}
