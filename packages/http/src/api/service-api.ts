// The HTTP API of one service: it authorizes the caller, then reads the body, then calls the service.

import type { PrincipalInput } from 'tidings'
import type { Environment, LiveItem, LiveReader, ServiceRuntime } from 'tidings/runtime'
import type { Admission } from '../endpoint/admission.ts'
import { type Answer, answerJson, answerProblem } from '../endpoint/answer.ts'
import { loggedProblem } from '../endpoint/create-endpoint.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import { httpProblem } from '../endpoint/problem-of-error.ts'
import { parseJson, readJson } from '../endpoint/read-json.ts'
import { pathOfPart } from '../live/bundle-parts.ts'
import type { AdmittedPart } from '../live/live-bundle.ts'
import type { LiveStreams } from '../live/live-streams.ts'
import { type Reauthorized, reauthorize } from '../live/reauthorize.ts'
import type { StreamPlaces } from '../live/stream-places.ts'
import type { ApiAccess, ApiRequest } from './api-options.ts'
import type { AuthorizeLimit } from './authorize-in-time.ts'
import { Exposure } from './exposed-parts.ts'
import { openApiOf } from './openapi.ts'
import { addressOf, principalOf } from './principal.ts'
import { queryOptions, requestOptions } from './request-options.ts'

/** What the services of an API share. */
export interface SharedApi {
  readonly access: ApiAccess
  readonly streams: LiveStreams
  readonly places: StreamPlaces
  readonly environment: Pick<Environment, 'clock' | 'log' | 'timeouts'>
  readonly admission: Admission
  readonly authorizeLimit: (service: string) => AuthorizeLimit
  /** Whether the 404 of an internal function says how to expose it. */
  readonly development: boolean
}

/** One service of an HTTP API. */
export class ServiceApi {
  readonly #service: ServiceRuntime
  readonly #shared: SharedApi
  readonly #exposure: Exposure
  readonly #noteRefused: () => void

  constructor(service: ServiceRuntime, shared: SharedApi) {
    this.#service = service
    this.#shared = shared
    this.#noteRefused = () => service.noteRefused()
    this.#exposure = new Exposure(service.declaration, shared.development)
  }

  get name(): string {
    return this.#service.name
  }

  async command(exchange: Exchange, name: string): Promise<Answer> {
    exchange.service = this.name
    const turn = this.#shared.admission.admit(this.#noteRefused)
    if (turn !== undefined) await turn
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
    exchange.service = this.name
    const turn = this.#shared.admission.admit(this.#noteRefused)
    if (turn !== undefined) await turn
    const principal = await this.#principal(exchange, 'query', name)
    this.#exposure.check('query', name)
    const options = { ...queryOptions(exchange.headers), principal }
    const answer = await this.#service.query(name, await this.#bodyOf(exchange), options)
    return answer === undefined
      ? answerProblem(httpProblem('gone', `Query ${name} found nothing.`))
      : answerJson(answer)
  }

  async live(exchange: Exchange, name: string): Promise<Answer> {
    exchange.service = this.name
    const { access, places, streams } = this.#shared
    const leave = places.take(addressOf(access, exchange))
    try {
      const principal = await this.#principal(exchange, 'live', name)
      const after = exchange.headers.get('last-event-id') ?? exchange.query('after')
      const input = exchange.query('input')
      const { payloadDepthMax } = this.#service.declaration.limits
      const part = {
        name,
        input: input === undefined ? undefined : parseJson(input, payloadDepthMax, 'The parameter input'),
        after,
      }
      const reader = await this.#read(exchange, part, principal)
      const authorize = () => this.#principal(exchange, 'live', name)
      const refuse = (why: unknown) => {
        // The stream only ends, so the log is the one place that can say why.
        loggedProblem(why, `GET ${exchange.path.slice(0, 200)}`, this.#shared.environment, exchange)
        reader.close()
      }
      const stop = this.#reauthorize({ principal, authorize, refuse })
      return streams.read(reader, { name, principals: [principal] }, () => {
        stop()
        leave()
      })
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Lets a caller in to a live query that is part of a bundle; throws if it may not read it. */
  authorizePart(exchange: Exchange, name: string): Promise<PrincipalInput | null> {
    return this.#principal(exchange, 'live', name, pathOfPart({ service: this.name, name }))
  }

  /** Reads a live query that is part of a bundle, until the signal is aborted; throws when the caller is no longer let in. */
  async *follow(exchange: Exchange, part: AdmittedPart, signal: AbortSignal): AsyncGenerator<LiveItem> {
    const { principal, name } = part
    const reader = await this.#read(exchange, part, principal)
    let refusal: { readonly why: unknown } | undefined
    const stop = this.#reauthorize({
      principal,
      authorize: () => this.authorizePart(exchange, name),
      refuse: (why) => {
        refusal = { why }
        reader.close()
      },
    })
    const close = () => reader.close()
    if (signal.aborted) close()
    else signal.addEventListener('abort', close)
    try {
      yield* reader
      if (refusal !== undefined) throw refusal.why
    } finally {
      stop()
      signal.removeEventListener('abort', close)
      close()
    }
  }

  /** The OpenAPI document of this service. */
  async document(exchange: Exchange): Promise<Answer> {
    exchange.service = this.name
    await this.#principal(exchange, 'document', 'openapi')
    return answerJson(
      openApiOf([this.#service.declaration], {
        prefix: 'service',
        securitySchemes: this.#shared.access.securitySchemes,
      }),
    )
  }

  async #read(
    { headers }: Exchange,
    { name, input, after }: Pick<AdmittedPart, 'name' | 'input' | 'after'>,
    principal: PrincipalInput | null,
  ): Promise<LiveReader> {
    this.#exposure.check('live-query', name)
    const { correlationId } = queryOptions(headers)
    return this.#service.live(name, input, {
      principal,
      ...(after === undefined ? {} : { after }),
      ...(correlationId === undefined ? {} : { correlationId }),
    })
  }

  #reauthorize(reauthorized: Reauthorized): () => void {
    const { access, environment } = this.#shared
    return reauthorize(reauthorized, access.reauthorizeMs, environment.timeouts)
  }

  #principal(exchange: Exchange, kind: ApiRequest['kind'], name: string, path = exchange.path) {
    const { access, authorizeLimit } = this.#shared
    return principalOf(access, exchange, { service: this.name, kind, name, path }, authorizeLimit(this.name))
  }

  #bodyOf({ request }: Exchange): Promise<unknown> {
    const { payloadBytesMax, payloadDepthMax } = this.#service.declaration.limits
    // JSON may be written with escapes and blanks, so a body can be longer than the payload in it.
    const bodyBytesMax = this.#shared.access.bodyBytesMax ?? Math.max(1_048_576, 4 * payloadBytesMax)
    return readJson(request, { bodyBytesMax, payloadDepthMax })
  }
}
