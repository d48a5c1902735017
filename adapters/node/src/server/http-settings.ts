// HTTP options with every default filled in, and the one combination that would be unsafe refused.

import type { ApiAccessOptions } from '@tidings/http'
import { isLoopback } from '@tidings/http/host'
import { TidingsError } from 'tidings'
import { type PageFolder, pageFolders } from '../pages/page-folders.ts'
import type { HttpOptions } from './http-options.ts'
import type { ListenOptions } from './listen.ts'

/** Complete options of the HTTP API; what it lets in has its defaults in the API itself. */
export interface HttpSettings extends ListenOptions {
  readonly access: ApiAccessOptions
  readonly pages: readonly PageFolder[]
}

/** The port of a system's HTTP API if none is chosen. */
export const defaultPort = 4747

/** Fills in the defaults; throws `CONFIG_INVALID` if others could reach an API that names no host. */
export function httpSettings(options: HttpOptions = {}): HttpSettings {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopback(host) && (options.hosts ?? []).length === 0) {
    throw new TidingsError(
      'CONFIG_INVALID',
      `The HTTP API on ${host} can be reached from other machines, and http.hosts is empty.`,
      {
        hint: 'List the host names it is called by in http.hosts, and say in http.authorize who may come in.',
      },
    )
  }
  return {
    host,
    port: options.port ?? defaultPort,
    access: options,
    pages: pageFolders(options.pages),
    connectionCountMax: options.connectionCountMax ?? 1_024,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
  }
}
