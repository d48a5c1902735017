// The messages between `tidings dev`, which watches files, and the process that runs the system.

import type { LogLevel } from 'tidings/ports'
import type { Counts } from '../system/exposure.ts'

/** From the process that runs the system. */
export type FromChild =
  | { readonly kind: 'loaded'; readonly files: readonly string[] }
  | {
      readonly kind: 'started'
      readonly system: string
      readonly services: readonly string[]
      readonly http: string | null
      readonly control: string | null
      readonly durability: string
      readonly debugged: boolean
      readonly exposed: Counts
      readonly internal: Counts
    }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly hint: string | null
      /** Whether a change of a file can repair it. */
      readonly repairable: boolean
    }

/** To the process that runs the system. */
export interface ToChild {
  readonly kind: 'stop'
}

/** The options of the process that runs the system. */
export interface ChildOptions {
  /** The configuration file. */
  readonly config: string
  /** The data folder. Default: the one in the configuration. */
  readonly data: string | undefined
  /** The port of the HTTP API. Default: the one in the configuration. */
  readonly port: number | undefined
  /** The lowest log level to print. */
  readonly log: LogLevel | 'silent'
  /** Whether log lines are JSON. */
  readonly json: boolean
  /** The services to run. Default: all. */
  readonly services: readonly string[] | undefined
  /** The process id of the parent, without which it ends. */
  readonly parent: number
}
