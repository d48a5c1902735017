// The options of the HTTP API on Node: where it listens, its limits, and web pages.

import type { ApiAccessOptions } from '@tidings/http'
import type { Pages } from '../pages/page-folders.ts'

/** Options of the HTTP API. */
export interface HttpOptions extends ApiAccessOptions {
  /** The port; 0 takes any free port. Default: 4747. */
  readonly port?: number
  /** The address to listen on. Default: 127.0.0.1, which only this machine can reach. */
  readonly host?: string
  /**
   * Web pages to serve from the API's origin: the absolute path of a folder, served at `/`, or a list of `{ path, folder }`. Everybody may
   * read them; `authorize` is not called. Default: none.
   */
  readonly pages?: Pages
  /**
   * The most open connections. Requests of further ones are refused with 503 and `Retry-After`; from 256 more on, connections are cut off. Each reader of
   * live queries needs one. Default: 1,024.
   */
  readonly connectionCountMax?: number
  /** How long a request may take to arrive, in milliseconds. Default: 30,000. */
  readonly requestTimeoutMs?: number
  /** How long `close` waits for requests in progress, in milliseconds. Default: 10,000. */
  readonly drainTimeoutMs?: number
}
