// The options of `tidings start`, for one service and for all.

import { healthOfText } from '@tidings/node'
import type { LogLevel } from 'tidings/ports'
import type { SystemOptions } from '../invocation.ts'

/** The options. */
export interface StartOptions extends SystemOptions {
  readonly all?: boolean
  readonly port?: number
  readonly host?: string
  readonly health?: string
  readonly log: LogLevel | 'silent'
}

/** Where requests and health probes are answered, as far as the command line says so. */
export function portsOf({ port, host, health }: StartOptions) {
  return {
    http: { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) },
    ...(health === undefined ? {} : { health: healthOfText('--health', health) }),
  }
}
