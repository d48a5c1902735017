// A typed client for the HTTP API of services: commands, queries and live queries as they are declared. It sends requests again if that
// is safe.

import { afterHeader, correlationHeader, occurredAtHeader } from '@tidings/http/wire'
import { type CommandContract, type LiveQueryContract, type QueryContract, TidingsError } from 'tidings'
import { toJson } from 'tidings/contracts'
import { checkIsText, checkKind, checkObject, importHint } from 'tidings/errors'
import { commandResponse, queryOutput, type ReceivedAnswer, refuseUnavailable } from './check-answer.ts'
import type {
  CallOptions,
  Client,
  ClientService,
  CommandCallOptions,
  LiveCallOptions,
  QueryCallOptions,
  ServiceClient,
} from './client-shapes.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { postJson } from './post-json.ts'
import { readLive } from './read-live.ts'
import { retrying } from './retrying.ts'

/** Options of a client. */
export interface ClientOptions<S extends Readonly<Record<string, ClientService>>> {
  /** The origin of the HTTP API, of a system or of a single service. */
  readonly url: string
  /** The services to call, each under the name that it gets on the client. */
  readonly services: S
  /**
   * Headers of every request, such as credentials; or a function that returns them, for a token that is renewed. The function is called before
   * each request, also before it is sent again and before a live query reconnects; what it throws, the call throws. Default: none.
   */
  readonly headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>)
  /**
   * How long to retry queries, and commands with an idempotency key, while a service is unavailable or answers 429, in milliseconds; 0
   * never retries. If the answer has `Retry-After`, the client waits that long, up to a minute. Default: 30,000.
   */
  readonly retryTimeoutMs?: number
  /** The longest time without any bytes of an answer before a request fails, in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number
}

/** Names and values of headers. */
export type RequestHeaders = Readonly<Record<string, string>>

/** The functions of a client without the types of its contracts, which `Client` adds. */
type Untyped<C> = { readonly [Name in keyof C]: (...args: never[]) => unknown }

/** The most commands and queries in progress at once; others wait. */
const requestCountMax = 256

/** Three heartbeats of a live query: a connection without bytes for longer counts as lost. */
const silenceMs = 45_000

/**
 * Creates a client for the HTTP API of services.
 *
 * @example
 * ```ts
 * const client = createClient({ url: 'http://127.0.0.1:4747', services: { orders } })
 * const answer = await client.orders.command(PlaceOrder, { orderId: 'o-1', cents: 500 }, { idempotencyKey: 'o-1' })
 * ```
 */
export function createClient<const S extends Readonly<Record<string, ClientService>>>(
  options: ClientOptions<S>,
): Client<S> {
  checkClientOptions(options)
  const timeoutMs = options.timeoutMs ?? 30_000
  const retryTimeoutMs = options.retryTimeoutMs ?? 30_000

  const ownHeaders = async () => (typeof options.headers === 'function' ? options.headers() : options.headers)

  const closed = new AbortController()
  const limited = limitConcurrency(requestCountMax)
  const urlOf = ({ name }: ClientService, path: string) => new URL(`${options.url.replace(/\/+$/, '')}/${name}/${path}`)

  const call = async (
    service: ClientService,
    path: string,
    input: unknown,
    headers: RequestHeaders,
    repeatable: boolean,
    signal: AbortSignal | undefined,
  ): Promise<ReceivedAnswer> => {
    const request = {
      url: urlOf(service, path),
      text: inputText(path, input),
      signals: signal === undefined ? [closed.signal] : [closed.signal, signal],
      timeoutMs,
    }
    const send = async () => {
      const answer = await limited(async () =>
        postJson({ ...request, headers: { ...(await ownHeaders()), ...headers } }),
      )
      refuseUnavailable(answer)
      return answer
    }
    return repeatable ? retrying(send, retryTimeoutMs, request.signals) : send()
  }

  const clientOf = (service: ClientService): Untyped<ServiceClient> => ({
    command: async (command: CommandContract, input: unknown, callOptions: CommandCallOptions = {}) => {
      checkContract(service, command, 'command')
      const { idempotencyKey, occurredAt } = callOptions
      const headers = {
        ...headersOf(callOptions),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': keyHeader(idempotencyKey) }),
        ...(occurredAt === undefined ? {} : { [occurredAtHeader]: occurredAt.toISOString() }),
      }
      const repeatable = idempotencyKey !== undefined
      const path = `commands/${command.name}`
      return commandResponse(await call(service, path, input, headers, repeatable, callOptions.signal))
    },
    query: async (query: QueryContract, input: unknown, callOptions: QueryCallOptions = {}) => {
      checkContract(service, query, 'query')
      const tokens = [callOptions.after ?? []].flat()
      const headers = {
        ...headersOf(callOptions),
        ...(tokens.length === 0 ? {} : { [afterHeader]: tokens.join(', ') }),
      }
      const answer = await call(service, `queries/${query.name}`, input, headers, true, callOptions.signal)
      return queryOutput(answer)
    },
    live: (live: LiveQueryContract, input: unknown, callOptions: LiveCallOptions = {}) => {
      checkContract(service, live, 'live-query')
      const url = urlOf(service, `live/${live.name}`)
      url.searchParams.set('input', inputText(`live/${live.name}`, input))
      return readLive({
        url,
        headers: async () => ({ ...(await ownHeaders()), ...headersOf(callOptions) }),
        after: callOptions.after,
        signal: AbortSignal.any([closed.signal, ...(callOptions.signal === undefined ? [] : [callOptions.signal])]),
        silenceMs,
      })
    },
  })
  const clients = Object.entries(options.services).map(([name, service]) => [name, clientOf(service)])
  const close = () => closed.abort(new TidingsError('CLOSED', 'The client was closed.'))
  return { ...Object.fromEntries(clients), close } as Client<S>
}

function checkClientOptions(options: ClientOptions<Readonly<Record<string, ClientService>>>): void {
  const hint = "Write `createClient({ url: 'http://127.0.0.1:4747', services: { orders } })`."
  checkObject(options, { what: 'The options of a client', hint })
  checkIsText(options.url, { what: '`url` of a client', hint })
  checkObject(options.services, { what: '`services` of a client', hint })
  for (const [name, service] of Object.entries(options.services)) {
    const what = `${JSON.stringify(name)} in \`services\` of a client`
    checkObject(service, { what, hint: `${hint}${importHint(service)}` })
    checkIsText(service.name, { what: `The name of ${what}`, hint })
  }
}

// In plain JavaScript, an object with the name of the command or query will do.
function checkContract({ name }: ClientService, contract: unknown, kind: 'command' | 'query' | 'live-query'): void {
  const method = kind === 'live-query' ? 'live' : kind
  const hint = `Pass the contract of the ${kind.replace('-', ' ')} first, and then its input: \`.${method}(…, { … })\`.`
  const says = { what: `The first argument of .${method}(…) of the client of ${name}`, hint }
  const named = typeof contract === 'object' && contract !== null && !('kind' in contract) && 'name' in contract
  if (!named || typeof contract.name !== 'string') checkKind(contract, kind, says)
}

function headersOf({
  correlationId,
  traceparent,
  tracestate,
}: Pick<CallOptions, 'correlationId' | 'traceparent' | 'tracestate'>): Record<string, string> {
  return {
    ...(correlationId === undefined ? {} : { [correlationHeader]: correlationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  }
}

// What JSON would change without a word, such as NaN, a date or a map, is refused here. Sizes are the service's to limit; what refers to itself
// is too deep.
function inputText(path: string, input: unknown): string {
  return toJson(`The input of ${path}`, input, { payloadBytesMax: Number.POSITIVE_INFINITY, payloadDepthMax: 1_000 })
}

// A string as RFC 8941 writes it.
function keyHeader(key: string): string {
  if (!/^[\x20-\x7e]{1,512}$/.test(key))
    throw new TidingsError(
      'INVALID_KEY',
      'An idempotency key sent over HTTP must be 1 to 512 printable ASCII characters.',
    )
  return `"${key.replaceAll(/["\\]/g, '\\$&')}"`
}
