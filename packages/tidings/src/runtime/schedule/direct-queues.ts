// The queues of one service whose subscriptions take what is due directly from the schedule, and what is left to them.
// Invariant: what is due is given to one at a time: while a batch is delivered directly, nothing is moved into its queue.

import { createLock } from '../concurrency/lock.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { DirectQueue } from './direct-queue.ts'
import type { DueItem, DuePage, DueSearch } from './find-due.ts'

/** The queues of one service. */
export class DirectQueues {
  /** Runs work while nothing else is moved or begins to be delivered. */
  readonly inTurn = createLock()
  readonly #core: ServiceCore
  readonly #queues = new Map<string, DirectQueue>()

  constructor(core: ServiceCore) {
    this.#core = core
  }

  /** The queue of this name. */
  open(name: string): DirectQueue {
    const queue = new DirectQueue(this.#core, name)
    this.#queues.set(name, queue)
    return queue
  }

  /** What has to be looked for to find what is to be moved. */
  get search(): DueSearch {
    const [queue] = this.#queues.values()
    const few = this.#queues.size === 1 && queue?.isTaking === true
    return { few, busyCount: this.busyCount }
  }

  /** How many items are being handled. */
  get busyCount(): number {
    let count = 0
    for (const queue of this.#queues.values()) count += queue.busyCount
    return count
  }

  /** Whether a page is left to its subscription: not if so much is due that others would wait behind it. */
  leaves({ isFull }: DuePage): boolean {
    return !isFull || this.#queues.size === 1
  }

  /** The items of a page that are to be moved. Wakes the subscriptions that the others are left to. */
  withoutLeft(page: DuePage): readonly DueItem[] {
    const leaves = this.leaves(page)
    const left = new Set<DirectQueue>()
    const due = page.due.filter(({ item }) => {
      const queue = this.#queues.get(item.queue)
      if (queue === undefined || !(queue.isBusy || (leaves && queue.isTaking))) return true
      left.add(queue)
      return false
    })
    for (const queue of left) queue.call()
    return due
  }

  /** Moves what failed while it was delivered directly into the queues. */
  async claimGivenBack(): Promise<void> {
    for (const queue of this.#queues.values()) if (queue.isGivenBack) await queue.claimGivenBack()
  }
}
