// How doors are opened, and who may come in.

import type { Pages } from '../pages/page-folders.ts'

/** What `authorize` gets to see: everything but the body, which is read only after it has said yes. */
export interface DoorRequest {
  readonly service: string
  readonly kind: 'command' | 'query' | 'live' | 'document'
  /** The command's, query's or live query's name; `openapi` for the document. */
  readonly name: string
  readonly headers: Headers
}

/** Who is behind a request. */
export interface Authorized {
  /** Travels in the context and in every envelope; `null` for somebody unknown who may come in. */
  readonly principal: string | null
}

/**
 * Says who is behind a request.
 *
 * `undefined` refuses with 401; a thrown `UNAUTHENTICATED` or `FORBIDDEN` refuses with 401 or 403, whatever else is thrown with 500.
 */
export type Authorize = (request: DoorRequest) => Authorized | undefined | Promise<Authorized | undefined>

/** How doors are opened. */
export interface DoorOptions {
  /** The port; 0 takes any that is free. Default: 4747. */
  readonly port?: number
  /** The address to listen on. Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string
  /** Host names that requests may bear besides those of the loopback interface. Needed where `host` is another one. */
  readonly hosts?: readonly string[]
  /** Origins of web pages that may call besides the doors' own: `https://shop.example`. */
  readonly origins?: readonly string[]
  /**
   * Web pages to serve beside the doors: an absolute path of a folder seen at `/`, or a list of `{ path, folder }`. Everybody may read
   * them; `authorize` is not asked. Default: none.
   */
  readonly pages?: Pages
  /** Says who is behind a request. Default: everybody may come in, and is nobody. */
  readonly authorize?: Authorize
  /** The largest body of a request, in bytes. Default: 1,048,576. */
  readonly bodyBytesMax?: number
  /** The most connections open at once, of which each reader of a live query holds one; more are dropped. Default: 1,024. */
  readonly connectionCountMax?: number
  /** The longest a request may take to arrive, in milliseconds. Default: 30,000. */
  readonly requestTimeoutMs?: number
  /** The longest to wait for requests under way when closing, in milliseconds. Default: 10,000. */
  readonly drainTimeoutMs?: number
}
