// One attempt to handle a delivery: what is known after its handlers ran, before anything is committed.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { AttemptResult } from './attempt-result.ts'
import type { DeferredEvent } from './deferred-event.ts'
import type { RunningDelivery } from './running-delivery.ts'

/** One attempt to handle a delivery. */
export type Attempt = {
  /** The delivery, or the deferred event if its history is gone. */
  readonly delivery: Delivery | DeferredEvent
  /** How it was deferred before; `undefined` at the first attempt. */
  readonly before: DeferredEvent | undefined
} & (AttemptResult | UnfinishedAttempt)

/**
 * An attempt that has not ended. `blocked`: the handlers did not run, because an earlier delivery of the key is deferred. `postponed`: they did not run,
 * because the batch was closed before. `running`: they still run, and go on by themselves.
 */
export type UnfinishedAttempt =
  | { readonly result: 'blocked' | 'postponed' }
  | { readonly result: 'running'; readonly running: RunningDelivery }
