// What is known of a delivery after its handlers ran, before anything is committed.

import type { DeferredEvent, DeliveryReference } from './deferred-event.ts'

/** One attempt to handle a delivery. */
export type Attempt = {
  readonly delivery: DeliveryReference
  /** How it was deferred before; `undefined` at the first attempt. */
  readonly before: DeferredEvent | undefined
} & AttemptResult

/** How an attempt went; `blocked`: it did not run, because an earlier delivery of its key is deferred. */
export type AttemptResult =
  | { readonly result: 'done'; readonly durationMicros: number }
  | { readonly result: 'failed'; readonly durationMicros: number; readonly error: unknown }
  | { readonly result: 'blocked' }
