// The messages between the supervisor and its child processes.

import type { LiveSelection } from '@tidings/http'
import type { StoreDamage } from 'tidings/runtime'
import type { LogOptions } from '../environment/log-sink.ts'
import type { WatchdogOptions } from '../watchdog/watchdog-options.ts'

/** What a child process runs: its only argument, as JSON. */
export interface ChildOrder {
  readonly configPath: string
  /** Its services. */
  readonly services: readonly string[]
  /** Its name in messages: that of its service, or of the system if it runs several. */
  readonly name: string
  readonly data: string
  readonly log: Pick<LogOptions, 'level' | 'redact' | 'format'>
  /** The process id of the supervisor, without which it ends. */
  readonly supervisor: number
  readonly watchdog: WatchdogOptions | false
  readonly instance?: string
}

/** A message from a child process. */
export type ChildMessage =
  | { readonly kind: 'ready'; readonly httpUrl: string; readonly control: string }
  | { readonly kind: 'damaged'; readonly damage: StoreDamage }
  | { readonly kind: 'unready'; readonly id: number; readonly missing: readonly string[] }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly hint: string
    }

/** A message to a child process. */
export type ParentMessage =
  | { readonly kind: 'stop' }
  | { readonly kind: 'end-live'; readonly selection: LiveSelection }
  | { readonly kind: 'ask-unready'; readonly id: number }
