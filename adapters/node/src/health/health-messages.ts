// What the main thread and the watchdog thread tell each other about health. `of` tells the systems of a process apart. Types only.

import type { HealthOptions } from './health-options.ts'

/** To the thread: answer probes there, and no more · data of a store are damaged · what is missing, if that was asked for. */
export type ToHealthThread = { readonly of: number } & (
  | { readonly kind: 'answer-probes'; readonly where: Required<HealthOptions> }
  | { readonly kind: 'stop-answering' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'missing'; readonly id: number; readonly missing: readonly string[] }
)

/** From the thread: whether it listens · that it does no more · what is missing? */
export type FromHealthThread = { readonly of: number } & (
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'not-listening'; readonly code: string; readonly reason: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'ask-missing'; readonly id: number }
)
