// One attempt to handle a delivery: what is known after its handlers ran, before anything is committed.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { DeferredEvent } from './deferred-event.ts'

/** One attempt to handle a delivery. */
export type Attempt = {
  /** The delivery, or the deferred event if its history is gone. */
  readonly delivery: Delivery | DeferredEvent
  /** How it was deferred before; `undefined` at the first attempt. */
  readonly before: DeferredEvent | undefined
} & AttemptResult

/** The result of an attempt. `blocked`: the handlers did not run, because an earlier delivery of the key is deferred. */
export type AttemptResult =
  | { readonly result: 'done'; readonly durationMicros: number }
  | { readonly result: 'failed'; readonly durationMicros: number; readonly error: unknown }
  | { readonly result: 'blocked' }
