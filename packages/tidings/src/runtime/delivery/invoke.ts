// What a subscriber does with a delivery. Types only.

import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { Suspicion } from '../contexts/isolated-run.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** A delivery being handled. */
export interface Handling {
  readonly delivery: Delivery
  readonly unit: UnitOfWork
  /** 1 for the first attempt. */
  readonly attempt: number
  /** The epoch of the source's store. */
  readonly epoch: string
  /** The mark on the delivery where it runs alone after a run that did not end cleanly. */
  readonly suspicion: Suspicion | undefined
}

/** Handles one delivery within a unit of work; a throw means that it failed. */
export type React = (handling: Handling) => Promise<void>
