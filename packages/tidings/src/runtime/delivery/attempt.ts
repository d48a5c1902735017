// What is known of a delivery when its handlers have run, and nothing is committed yet.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'

/** How one delivery of a batch went. */
export type Ran =
  | { readonly outcome: 'done'; readonly delivery: Delivery; readonly durationMicros: number }
  | {
      readonly outcome: 'failed'
      readonly delivery: Delivery
      readonly durationMicros: number
      readonly error: unknown
    }
  | { readonly outcome: 'queued'; readonly delivery: Delivery }
