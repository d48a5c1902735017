// Fills in the defaults of HTTP options, and refuses the one unsafe combination.

import type { ApiAccessOptions } from '@tidings/http'
import { connectionCountPerAddressMax, isLoopback } from '@tidings/http/host'
import { TidingsError } from 'tidings'
import { type PageFolder, pageFolders } from '../pages/page-folders.ts'
import type { HttpOptions } from './http-options.ts'
import type { ListenOptions } from './listen.ts'

/**
 * The options of the HTTP API with their defaults filled in. Only `access` is passed on as it is: the API fills in those defaults itself.
 */
export interface HttpSettings extends ListenOptions {
  readonly access: ApiAccessOptions
  readonly pages: readonly PageFolder[]
}

/** The default port of a system's HTTP API. */
export const defaultPort = 4747

/** Fills in the defaults; throws `CONFIG_INVALID` if other machines can reach the API and `hosts` is empty. */
export function httpSettings(options: HttpOptions = {}): HttpSettings {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopback(host) && (options.hosts ?? []).length === 0) {
    throw new TidingsError(
      'CONFIG_INVALID',
      `The HTTP API on ${host} can be reached from other machines, but http.hosts is empty.`,
      {
        hint: 'List the host names that the API is called by in http.hosts, and check callers in http.authorize.',
      },
    )
  }
  return {
    host,
    port: options.port ?? defaultPort,
    access: options,
    pages: pageFolders(options.pages),
    connectionCountMax: options.connectionCountMax ?? 1_024,
    // Behind a proxy, the connections are the proxy's; its callers are told apart by their streams.
    connectionCountPerAddressMax:
      options.trustProxy === undefined
        ? (options.connectionCountPerAddressMax ?? connectionCountPerAddressMax)
        : Number.POSITIVE_INFINITY,
    loopbackCounts: options.connectionCountPerAddressMax !== undefined,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
  }
}
