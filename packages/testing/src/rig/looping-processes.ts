// Watches the processes that loop for ever, until they have ended. Nobody but their own watchdog may end them.
// Invariant: one that goes on for longer than its limit is a finding, and only then is killed.

import type { Hit } from './crash-points.ts'
import type { CrashOrders } from './crash-switch.ts'
import { isAlive, signal } from './signals.ts'

/** The processes that loop. */
export class LoopingProcesses {
  /** What looped for too long. */
  readonly endless: string[] = []
  readonly #orders: CrashOrders
  readonly #loopMsMax: number
  readonly #looping = new Map<number, Hit & { readonly since: number }>()
  #seen = 0

  /** @param loopMsMax - how long a process may loop, in milliseconds. */
  constructor(orders: CrashOrders, loopMsMax: number) {
    this.#orders = orders
    this.#loopMsMax = loopMsMax
  }

  /** How many processes have begun to loop. */
  get begun(): number {
    return this.#seen
  }

  /** How many loop now. */
  get size(): number {
    return this.#looping.size
  }

  /** Whether a process loops. */
  has(pid: number): boolean {
    return this.#looping.has(pid)
  }

  /** Notes what has begun or ended since the last look. */
  look(): void {
    const now = performance.now()
    const hits = this.#orders.hits('loop')
    for (const hit of hits.slice(this.#seen)) this.#looping.set(hit.pid, { ...hit, since: now })
    this.#seen = hits.length
    for (const [pid, { service, point, since }] of this.#looping) {
      const isLate = now - since > this.#loopMsMax
      if (isAlive(pid) && !isLate) continue
      if (isAlive(pid)) {
        this.endless.push(`${service} looped at ${point}, and nothing ended its process within ${this.#loopMsMax} ms`)
        signal(pid, 'SIGKILL')
      }
      this.#looping.delete(pid)
    }
  }
}
