// The tables that rebuilds have replaced. Invariant: they stay while a function that began before the switch may read them; its commit checks what
// it has read. What is not deleted here is deleted by the next start.

import type { ServiceCore } from '../core/service-core.ts'
import { dropGeneration, type ReadModel } from '../tables/read-models.ts'

/** Deletes the tables that rebuilds have replaced, once nothing reads them any more. */
export class ReplacedTables {
  readonly #core: ServiceCore
  readonly #waiting = new Set<(isUnread: boolean) => Promise<void>>()
  #dropping: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore) {
    this.#core = core
  }

  /** Deletes the tables of a generation when every function that runs now has ended. */
  add(readModel: ReadModel, generation: number): void {
    const { environment, service, store } = this.#core
    const end = async (isUnread: boolean) => {
      cancel()
      this.#waiting.delete(end)
      if (isUnread) await dropGeneration(store, readModel, generation).catch(() => {})
    }
    const cancel = environment.timeouts.after(service.limits.handlerTimeoutMs, () => {
      this.#dropping = Promise.all([this.#dropping, end(true)]).then(() => {})
    })
    this.#waiting.add(end)
  }

  /** Deletes what still waits, unless a command may read it. Call it when no subscription runs any more. */
  async close(): Promise<void> {
    await this.#dropping
    const isUnread = this.#core.commandsInFlight === 0
    await Promise.all([...this.#waiting].map((end) => end(isUnread)))
  }
}
