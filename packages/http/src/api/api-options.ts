// What an HTTP API lets in: who may call, from where, and how much may be sent.

import type { Connection } from '../endpoint/exchange.ts'

/** What `authorize` gets to see: everything but the body, which is read only after it has said yes. */
export interface ApiRequest {
  /** The service; empty for the document of all services. */
  readonly service: string
  readonly kind: 'command' | 'query' | 'live' | 'document'
  /** The command's, query's or live query's name; `openapi` for the document. */
  readonly name: string
  readonly headers: Headers
  /** The caller's address and certificate, as far as the host knows them. */
  readonly connection: Connection
}

/** Who is behind a request. */
export interface Authorized {
  /** Travels in the context and in every envelope; `null` for an unknown caller who may come in. */
  readonly principal: string | null
}

/**
 * Says who is behind a request.
 *
 * `undefined` refuses with 401; a thrown `UNAUTHENTICATED` or `FORBIDDEN` refuses with 401 or 403, anything else that is thrown with 500.
 */
export type Authorize = (request: ApiRequest) => Authorized | undefined | Promise<Authorized | undefined>

/** What an HTTP API lets in. */
export interface ApiAccessOptions {
  /** Host names that requests may bear besides those of the loopback interface. Needed if others are to reach it. */
  readonly hosts?: readonly string[]
  /** Origins of web pages that may call besides the API's own: `https://shop.example`. */
  readonly origins?: readonly string[]
  /** Says who is behind a request. Default: everybody may come in, and is nobody. */
  readonly authorize?: Authorize
  /** The largest body of a request, in bytes. Default: 1,048,576. */
  readonly bodyBytesMax?: number
}

/** Complete options of what is let in. */
export interface ApiAccess {
  readonly policy: { readonly hosts: readonly string[]; readonly origins: readonly string[] }
  readonly authorize: Authorize
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
    bodyBytesMax: options.bodyBytesMax ?? 1_048_576,
  }
}
