// The poison guard: finds handlers that kill their process. After a run that crashed, deliveries run isolated, one at a time in the process,
// each behind a durable mark; a mark that is found at the next start says which one was running. Invariant: the mark is committed before
// the delivery runs, and nothing else that is marked runs meanwhile, so no innocent delivery is blamed for another's crash.

import { TidingsError } from '../../errors/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { Subscription } from './subscription.ts'

interface Mark {
  /** How often the delivery was started isolated. */
  readonly runs: number
}

/** A delivery that runs isolated until `end` is called. */
export interface Isolation extends IsolatedRun {
  /** It has killed its process `crashesMax` times and must not run. */
  readonly killed: boolean
  end(): void
}

/** Waits until nothing else runs isolated in this process, and marks a delivery as running. */
export async function isolate(subscription: Subscription, delivery: Delivery): Promise<Isolation> {
  const { core } = subscription
  const release = await core.isolation.acquire()
  try {
    const kept = await readDocument<Mark>(core.store, systemTables.marks, keyOf(subscription, delivery.position))
    const runs = kept?.document.runs ?? 0
    const killed = runs >= core.service.limits.crashesMax
    if (!killed) await saveMark(subscription, delivery, runs + 1)
    return new MarkedRun(subscription, delivery, runs, killed, release)
  } catch (error) {
    release()
    throw error
  }
}

class MarkedRun implements Isolation {
  readonly killed: boolean
  readonly #subscription: Subscription
  readonly #delivery: Delivery
  readonly #runsBefore: number
  #release: () => void
  #waiting = 0
  #over = false

  constructor(
    subscription: Subscription,
    delivery: Delivery,
    runsBefore: number,
    killed: boolean,
    release: () => void,
  ) {
    this.#subscription = subscription
    this.#delivery = delivery
    this.#runsBefore = runsBefore
    this.killed = killed
    this.#release = release
  }

  async whileWaiting<T>(work: () => Promise<T>): Promise<T> {
    if (++this.#waiting === 1) {
      await saveMark(this.#subscription, this.#delivery, this.#runsBefore)
      this.#release()
    }
    try {
      return await work()
    } finally {
      if (--this.#waiting === 0 && !this.#over) await this.#resume()
    }
  }

  async #resume(): Promise<void> {
    this.#release = await this.#subscription.core.isolation.acquire()
    // A delivery that has timed out meanwhile does not run any more.
    if (this.#over) this.#release()
    else await saveMark(this.#subscription, this.#delivery, this.#runsBefore + 1)
  }

  end(): void {
    this.#over = true
    this.#release()
  }
}

async function saveMark(subscription: Subscription, { position }: Delivery, runs: number): Promise<void> {
  const unit = new UnitOfWork(subscription.core.store)
  unit.putDocument(systemTables.marks, keyOf(subscription, position), { runs } satisfies Mark)
  await subscription.core.commit(unit)
}

/** Buffers the removal of a mark: the delivery has ended without killing its process. */
export function clearMark(subscription: Subscription, unit: UnitOfWork, position: string): void {
  unit.deleteRow(systemTables.marks, keyOf(subscription, position))
}

/** The error of a delivery that has killed its process too often. */
export function killedError({ core }: Subscription, type: string): TidingsError {
  return new TidingsError(
    'PROCESS_KILLED',
    `The process died ${core.service.limits.crashesMax} times while it handled ${type} isolated.`,
  )
}

function keyOf({ key }: Subscription, position: string): string {
  return `${key}/${position}`
}
