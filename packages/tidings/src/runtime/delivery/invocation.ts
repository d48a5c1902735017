// The one interface through which `delivery/` calls `handlers/`: the files there define what a subscriber does with a delivery. Types only.

import type { Awaitable } from '../../ports/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { DeferredEvent } from './deferred-event.ts'

/** One attempt to handle a delivery. */
export interface Invocation {
  readonly delivery: Delivery
  readonly unit: UnitOfWork
  /** How it was deferred before, if this is a retry. */
  readonly before?: DeferredEvent | undefined
  /** 1 for the first attempt. */
  readonly attempt: number
  /** The epoch of the source's store. */
  readonly epoch: string
  /** Set if the delivery runs isolated after a crash. */
  readonly isolated: IsolatedRun | undefined
}

/** Handles one delivery within a unit of work; a throw means that it failed. It returns a promise only if something has to be waited for. */
export type Invoke = (invocation: Invocation) => Awaitable<void>
