// The access options of an HTTP API: who may call, from where, how much, and how many streams at once.

import { type PrincipalInput, TidingsError } from 'tidings'
import { type IsTrustedProxy, isNetwork, type TrustProxy, trustedBy } from '../endpoint/client-address.ts'
import type { Connection } from '../endpoint/exchange.ts'

/** What `authorize` sees of a request: everything but the body, which is read only after `authorize` has let the caller in. */
export interface ApiRequest {
  /** The service's name; empty for the document of all services. */
  readonly service: string
  readonly kind: 'command' | 'query' | 'live' | 'document'
  /** The name of the command, query or live query; `openapi` for a document. */
  readonly name: string
  /** The HTTP method: `POST` for commands and queries, `GET` or `HEAD` for the rest. */
  readonly method: string
  /** The path: `/orders/commands/place-order`. For a part of `/live` it is the path of its live query. */
  readonly path: string
  readonly headers: Headers
  /** A parameter of the query string. `EventSource` sends cookies, but no headers of its own. */
  query(name: string): string | undefined
  /** The caller's address; behind proxies, see `trustProxy`. `undefined` if the host does not know it. */
  readonly address: string | undefined
  /** What the host knows of the connection: its address, and the caller's certificate where the host has verified one. */
  readonly connection: Connection
}

/** A caller that is let in. */
export interface Authorized {
  /** Who the caller is: an id, or an id with tenant, roles and claims; `null` for an anonymous caller. */
  readonly principal: PrincipalInput | null
}

/**
 * Says who sent a request.
 *
 * Return `undefined` to answer 401. Throw `UNAUTHENTICATED` for 401 or `FORBIDDEN` for 403; any other error is answered with 500. It may take as long as
 * the `handlerTimeoutMs` of the service that is called; then the answer is 504.
 */
export type Authorize = (request: ApiRequest) => Authorized | undefined | Promise<Authorized | undefined>

/** Who may call an HTTP API, and how much they may send. */
export interface ApiAccessOptions {
  /**
   * Host names that requests may use, besides those of the loopback interface. Other machines can call only by one of these. Default: none.
   */
  readonly hosts?: readonly string[]
  /** Origins of web pages that may call, besides the API's own: `https://shop.example`. Default: none. */
  readonly origins?: readonly string[]
  /**
   * Says who sent a request. For a live query that is being read, it is called again every `reauthorizeMs`. Default: everybody may call,
   * anonymously.
   */
  readonly authorize?: Authorize
  /**
   * How `authorize` knows callers, for the OpenAPI document: security schemes by name, of which one is enough. Default: a bearer token if
   * there is an `authorize`, otherwise none.
   */
  readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /**
   * The largest body of a request, in bytes; larger ones are answered with 413. Default: 1,048,576. If a service raises `payloadBytesMax`, the
   * default for its requests is at least four times that.
   */
  readonly bodyBytesMax?: number
  /**
   * The longest that a command or query waits for its turn if more come than the process can handle, in milliseconds; then it is refused with
   * `OVERLOADED` (503 with `Retry-After`). If the line does not get shorter, later ones are refused after a tenth of a second. Default: 1,000.
   */
  readonly requestWaitMsMax?: number
  /**
   * How often the readers of live queries are authorized again, in milliseconds. If `authorize` no longer lets one in, or names another principal, tenant,
   * roles or claims, its stream ends. Default: 60,000.
   */
  readonly reauthorizeMs?: number
  /**
   * The most live streams of one caller's address at a time, and on Node also its most connections; more are refused. An IPv6 address counts
   * with its whole /64 network. Default: 256; connections from the machine itself are not counted by default.
   */
  readonly connectionCountPerAddressMax?: number
  /**
   * The proxies in front whose X-Forwarded-For is believed: how many there are, or a list of their addresses and networks (`10.0.0.0/8`). Otherwise the
   * caller's address is that of the connection. Default: none.
   */
  readonly trustProxy?: TrustProxy
}

/** Access options with every default filled in. */
export interface ApiAccess {
  readonly policy: { readonly hosts: readonly string[]; readonly origins: readonly string[] }
  readonly authorize: Authorize
  readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly bodyBytesMax: number | undefined
  readonly requestWaitMsMax: number
  readonly reauthorizeMs: number
  readonly connectionCountPerAddressMax: number
  /** Whom to believe about the caller's address; `undefined` if nobody. */
  readonly isTrustedProxy: IsTrustedProxy | undefined
}

/** Fills in the defaults; throws `CONFIG_INVALID` if `trustProxy` is wrong. */
export function apiAccess(options: ApiAccessOptions = {}): ApiAccess {
  return {
    policy: {
      hosts: (options.hosts ?? []).map((name) => name.toLowerCase()),
      origins: (options.origins ?? []).map((origin) => origin.toLowerCase()),
    },
    authorize: options.authorize ?? (() => ({ principal: null })),
    securitySchemes:
      options.securitySchemes ??
      (options.authorize === undefined ? {} : { bearer: { type: 'http', scheme: 'bearer' } }),
    bodyBytesMax: options.bodyBytesMax,
    requestWaitMsMax: options.requestWaitMsMax ?? 1_000,
    reauthorizeMs: options.reauthorizeMs ?? 60_000,
    connectionCountPerAddressMax: options.connectionCountPerAddressMax ?? connectionCountPerAddressMax,
    isTrustedProxy: trustedProxies(options.trustProxy),
  }
}

/** The default of `connectionCountPerAddressMax`. */
export const connectionCountPerAddressMax = 256

// A name or a typing error would silently trust nobody, or make everybody one caller.
function trustedProxies(trustProxy: TrustProxy | undefined): IsTrustedProxy | undefined {
  const wrong =
    typeof trustProxy === 'number'
      ? !Number.isSafeInteger(trustProxy) || trustProxy < 1
      : trustProxy !== undefined && !(Array.isArray(trustProxy) && trustProxy.every(isNetwork))
  if (!wrong) return trustProxy === undefined ? undefined : trustedBy(trustProxy)
  throw new TidingsError('CONFIG_INVALID', `The option trustProxy is ${JSON.stringify(trustProxy)}.`, {
    hint: 'Write how many proxies stand in front, or a list of their addresses and networks, such as ["10.0.0.0/8"].',
  })
}
