// What the supervisor and its children say to each other over their channel.

import type { LogOptions } from '../environment/log-sink.ts'

/** What a child is started with: its one argument, as JSON. */
export interface ChildOrder {
  readonly configPath: string
  readonly service: string
  readonly data: string
  readonly log: Pick<LogOptions, 'level' | 'redact'>
}

/** What a child says. */
export type ChildMessage =
  | { readonly kind: 'ready'; readonly httpUrl: string; readonly control: string }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly hint: string
    }

/** What a child is told. */
export type ParentMessage = { readonly kind: 'stop' }
