// How the HTTP API is opened on Node: where it listens, its limits, and the web pages beside it.

import type { ApiAccessOptions } from '@tidings/http'
import type { Pages } from '../pages/page-folders.ts'

/** How the HTTP API is opened. */
export interface HttpOptions extends ApiAccessOptions {
  /** The port; 0 takes any that is free. Default: 4747. */
  readonly port?: number
  /** The address to listen on. Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string
  /**
   * Web pages to serve beside the API: an absolute path of a folder seen at `/`, or a list of `{ path, folder }`. Everybody may read
   * them; `authorize` is not asked. Default: none.
   */
  readonly pages?: Pages
  /** The most connections open at once, of which each reader of a live query holds one; more are dropped. Default: 1,024. */
  readonly connectionCountMax?: number
  /** The longest a request may take to arrive, in milliseconds. Default: 30,000. */
  readonly requestTimeoutMs?: number
  /** The longest to wait for requests under way when closing, in milliseconds. Default: 10,000. */
  readonly drainTimeoutMs?: number
}
