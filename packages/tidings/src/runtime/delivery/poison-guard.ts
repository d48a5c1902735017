// The poison guard: recognises handlers that kill their process. After a crash, deliveries run isolated, one at a time in the process, each
// behind a durable mark; a mark found at the next start names the delivery that was running. Invariant: the mark is committed before the
// delivery runs, and no other marked delivery runs at the same time, so no delivery is blamed for another's crash.

import { TidingsError } from '../../errors/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { wordOf } from './log-outcomes.ts'
import type { Subscription } from './subscription.ts'

interface Mark {
  /** How often the delivery has run isolated without reaching its end. */
  readonly runs: number
}

/** A delivery that runs isolated until `end` is called. */
export interface Isolation extends IsolatedRun {
  /** It has killed its process `crashesMax` times and must not run again. */
  readonly killed: boolean
  end(): void
}

/** Waits until nothing else runs isolated in this process, and marks a delivery as running. */
export async function isolate(subscription: Subscription, delivery: Delivery): Promise<Isolation> {
  const { core } = subscription
  const release = await core.isolation.acquire()
  try {
    const kept = await readDocument<Mark>(core.store, systemTables.marks, keyOf(subscription, delivery.position))
    const runs = (kept?.document.runs ?? 0) + crashesWithoutMark(subscription, delivery)
    const killed = runs >= core.service.limits.crashesMax
    core.noteIsolation()
    if (runs > 0 && !killed) logRecovery(subscription, delivery, runs)
    if (!killed) await saveMark(subscription, delivery, runs + 1)
    core.inProgress.marked = keyOf(subscription, delivery.position)
    return new MarkedRun(subscription, delivery, runs, killed, release)
  } catch (error) {
    release()
    throw error
  }
}

// A host that ended the previous run while this delivery blocked it knows that it was this one, although it had no mark then: others ran beside it, or
// it was waiting for something outside.
function crashesWithoutMark({ core, subscriber, source }: Subscription, { position }: Delivery): number {
  const { blockedRun } = core
  const work = blockedRun?.work
  const isBlamed =
    work?.isMarked === false &&
    work.service === core.service.name &&
    work.subscriber === subscriber &&
    work.source === source &&
    work.position === position
  if (!isBlamed || blockedRun === core.countedRun) return 0
  core.countedRun = blockedRun
  return 1
}

function logRecovery(
  { core, subscriber, source }: Subscription,
  { id, type, key }: Delivery,
  processesEnded: number,
): void {
  const { article, noun } = wordOf(source)
  core.log.warn(`The process ended while it handled ${article.toLowerCase()} ${noun}, which is now handled by itself`, {
    [noun]: id,
    subscriber,
    source,
    type,
    key,
    processesEnded,
    crashesMax: core.service.limits.crashesMax,
    next: 'npx tidings status',
  })
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
      this.#note(false)
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
    // A delivery that has timed out in the meantime no longer runs.
    if (this.#over) this.#release()
    else {
      await saveMark(this.#subscription, this.#delivery, this.#runsBefore + 1)
      this.#note(true)
    }
  }

  // Says whether this is the delivery that runs isolated now.
  #note(isMarked: boolean): void {
    const { inProgress } = this.#subscription.core
    const key = keyOf(this.#subscription, this.#delivery.position)
    if (isMarked) inProgress.marked = key
    else if (inProgress.marked === key) inProgress.marked = undefined
  }

  end(): void {
    this.#over = true
    this.#note(false)
    this.#release()
  }
}

async function saveMark(subscription: Subscription, { position }: Delivery, runs: number): Promise<void> {
  const unit = new UnitOfWork(subscription.core.store)
  unit.putDocument(systemTables.marks, keyOf(subscription, position), { runs } satisfies Mark)
  await subscription.core.commit(unit)
}

/** Buffers the removal of a mark: the delivery has ended, and the process is alive. */
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
