// Door options with every default filled in, and the one combination that would be unsafe refused.

import { TidingsError } from 'tidings'
import { type AccessPolicy, isLoopback } from '../http/access.ts'
import type { ListenOptions } from '../http/listen.ts'
import { type PageFolder, pageFolders } from '../pages/page-folders.ts'
import type { Authorize, DoorOptions } from './door-options.ts'

/** Complete options of doors. */
export interface DoorSettings extends ListenOptions {
  readonly policy: AccessPolicy
  readonly pages: readonly PageFolder[]
  readonly authorize: Authorize
  readonly bodyBytesMax: number
}

/** The port of a system's doors where none is chosen. */
export const defaultDoorPort = 4747

/** Fills in the defaults; throws `CONFIG_INVALID` where others could reach doors that name no host. */
export function doorSettings(options: DoorOptions = {}): DoorSettings {
  const host = options.host ?? '127.0.0.1'
  const hosts = (options.hosts ?? []).map((name) => name.toLowerCase())
  if (!isLoopback(host) && hosts.length === 0) {
    throw new TidingsError(
      'CONFIG_INVALID',
      `Doors on ${host} can be reached from elsewhere, and doors.hosts is empty.`,
      {
        hint: 'List the host names the doors are called by in doors.hosts, and say in doors.authorize who may come in.',
      },
    )
  }
  return {
    host,
    port: options.port ?? defaultDoorPort,
    policy: { hosts, origins: (options.origins ?? []).map((origin) => origin.toLowerCase()) },
    pages: pageFolders(options.pages),
    authorize: options.authorize ?? (() => ({ principal: null })),
    bodyBytesMax: options.bodyBytesMax ?? 1_048_576,
    connectionCountMax: options.connectionCountMax ?? 1_024,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    drainTimeoutMs: options.drainTimeoutMs ?? 10_000,
  }
}
