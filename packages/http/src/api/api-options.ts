// The access options of an HTTP API: who may call, from where, and how large a body may be.

import type { PrincipalInput } from 'tidings'
import type { Connection } from '../endpoint/exchange.ts'

/** What `authorize` sees of a request: everything but the body, which is read only after `authorize` has let the caller in. */
export interface ApiRequest {
  /** The service's name; empty for the document of all services. */
  readonly service: string
  readonly kind: 'command' | 'query' | 'live' | 'document'
  /** The name of the command, query or live query; `openapi` for a document. */
  readonly name: string
  readonly headers: Headers
  /** The caller's address and certificate, if the host knows them. */
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
 * Return `undefined` to answer 401. Throw `UNAUTHENTICATED` for 401 or `FORBIDDEN` for 403; any other error is answered with 500.
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
  /** Says who sent a request. Default: everybody may call, anonymously. */
  readonly authorize?: Authorize
  /**
   * How `authorize` knows callers, for the OpenAPI document: security schemes by name, of which one is enough. Default: a bearer token if
   * there is an `authorize`, otherwise none.
   */
  readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The largest body of a request, in bytes; larger ones are answered with 413. Default: 1,048,576. */
  readonly bodyBytesMax?: number
}

/** Access options with every default filled in. */
export interface ApiAccess {
  readonly policy: { readonly hosts: readonly string[]; readonly origins: readonly string[] }
  readonly authorize: Authorize
  readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly bodyBytesMax: number
}

/** Fills in the defaults. */
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
    bodyBytesMax: options.bodyBytesMax ?? 1_048_576,
  }
}
