// The options of `tidings start`, for one service and for all.

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
