// The poison guard: recognises handlers that kill their process. After a crash, deliveries run isolated, one at a time in the process, each
// behind a durable mark; a mark found at the next start names the delivery that was running. Invariant: the mark is committed before the
// delivery runs, and no other marked delivery runs at the same time, so no delivery is blamed for another's crash.

import { TidingsError } from '../../errors/index.ts'
import type { IsolatedRun } from '../contexts/isolated-run.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { shownKey } from '../delivery-readers/schedule-reader.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { wordOf } from './log-outcomes.ts'
import type { Subscription } from './subscription.ts'

interface Mark {
  /** How often the delivery has run isolated without reaching its end. */
  readonly runs: number
  /** How often the process ended while it went on beside others: it may have been any of them. */
  readonly left?: number
}

/** A delivery that runs isolated until `end` is called. */
export interface Isolation extends IsolatedRun {
  /** It has killed its process `crashesMax` times and must not run again. */
  readonly killed: boolean
  /** How often it has run isolated without reaching its end. */
  readonly runs: number
  /**
   * It takes so long that others may run beside it: it is not blamed for what they do. If the process has ended too often meanwhile, it stays alone until
   * its end, and this does nothing.
   */
  leave(): Promise<void>
  end(): void
}

/** Waits until nothing else runs isolated in this process, and marks a delivery as running. */
export async function isolate(subscription: Subscription, delivery: Delivery): Promise<Isolation> {
  const { core } = subscription
  const release = await core.isolation.acquire()
  try {
    const document = (await readDocument<Mark>(core.store, systemTables.marks, keyOf(subscription, delivery.position)))
      ?.document
    const { runs: kept = 0, left = 0 } = document ?? {}
    const runs = kept + crashesWithoutMark(subscription, delivery)
    const killed = runs >= core.service.limits.crashesMax
    core.noteIsolation()
    if (runs > 0 && !killed) logRecovery(subscription, delivery, runs)
    if (!killed) await saveMark(subscription, delivery, { runs: runs + 1, left })
    core.inProgress.marked = keyOf(subscription, delivery.position)
    return new MarkedRun(subscription, delivery, { runs, left }, killed, release)
  } catch (error) {
    release()
    throw error
  }
}

// A host that ended the previous run while this delivery blocked it knows that it was this one, although it had no mark then: others ran beside it, or
// it was waiting for something outside.
function crashesWithoutMark({ core, subscriber, source }: Subscription, { id, position }: Delivery): number {
  const { blockedRun } = core
  const work = blockedRun?.work
  // What is due may have come to the position of something else.
  const isBlamed =
    work?.isMarked === false &&
    work.service === core.service.name &&
    work.subscriber === subscriber &&
    work.source === source &&
    work.position === position &&
    work.id === id
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
    key: shownKey(source, key),
    processesEnded,
    crashesMax: core.service.limits.crashesMax,
    next: 'npx tidings status',
  })
}

class MarkedRun implements Isolation {
  readonly killed: boolean
  readonly runs: number
  readonly #subscription: Subscription
  readonly #delivery: Delivery
  readonly #before: Required<Mark>
  #release: () => void
  #waiting = 0
  #hasLeft = false
  #over = false

  constructor(
    subscription: Subscription,
    delivery: Delivery,
    before: Required<Mark>,
    killed: boolean,
    release: () => void,
  ) {
    this.#subscription = subscription
    this.#delivery = delivery
    this.#before = before
    this.runs = before.runs
    this.killed = killed
    this.#release = release
  }

  async whileWaiting<T>(work: () => Promise<T>): Promise<T> {
    if (++this.#waiting === 1) {
      await saveMark(this.#subscription, this.#delivery, this.#before)
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
      await saveMark(this.#subscription, this.#delivery, { ...this.#before, runs: this.#before.runs + 1 })
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

  async leave(): Promise<void> {
    const { runs, left } = this.#before
    // By then, whatever else has ended the process has been found.
    const isSuspect = left >= 2 * this.#subscription.core.service.limits.crashesMax
    // While it waits outside, others run anyway.
    if (this.killed || this.#over || this.#hasLeft || this.#waiting > 0 || isSuspect) return
    this.#hasLeft = true
    try {
      await saveMark(this.#subscription, this.#delivery, { runs, left: left + 1 })
    } catch {
      // Without the mark it stays alone; if the store is gone, its commit says so.
      return
    }
    this.#note(false)
    this.#release()
    if (this.#over) await this.#clear()
  }

  // It has ended while its mark was saved.
  async #clear(): Promise<void> {
    const unit = new UnitOfWork(this.#subscription.core.store)
    clearMark(this.#subscription, unit, this.#delivery.position)
    await this.#subscription.core.commit(unit).catch(() => {})
  }

  end(): void {
    this.#over = true
    this.#note(false)
    this.#release()
  }
}

async function saveMark(subscription: Subscription, { position }: Delivery, { runs, left = 0 }: Mark): Promise<void> {
  const unit = new UnitOfWork(subscription.core.store)
  unit.putDocument(systemTables.marks, keyOf(subscription, position), {
    runs,
    ...(left === 0 ? {} : { left }),
  } satisfies Mark)
  await subscription.core.commit(unit)
}

/** Buffers the removal of a mark: the delivery has ended, and the process is alive. */
export function clearMark(subscription: Subscription, unit: UnitOfWork, position: string): void {
  unit.deleteRow(systemTables.marks, keyOf(subscription, position))
}

/** The error of a delivery that has killed its process too often. */
export function killedError(type: string, runs: number): TidingsError {
  return new TidingsError('PROCESS_KILLED', `The process died ${runs} times while it handled ${type} isolated.`, {
    details: { runs },
  })
}

function keyOf({ key }: Subscription, position: string): string {
  return `${key}/${position}`
}
