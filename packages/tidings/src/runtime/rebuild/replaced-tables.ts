// The tables that rebuilds have replaced. Invariant: they stay while a function that began before the switch may read them; its commit checks what
// it has read. What is not deleted here is deleted by the next start; where instances share the store, by whoever keeps the read model next.

import type { ServiceCore } from '../core/service-core.ts'
import { dropGeneration, type ReadModel } from '../tables/read-models.ts'
import { forgetReplaced, graceMs, readReplaced } from '../tables/replaced-generations.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** Deletes the tables that rebuilds have replaced, once nothing reads them any more. */
export class ReplacedTables {
  readonly #core: ServiceCore
  readonly #waiting = new Set<(isUnread: boolean) => Promise<void>>()
  readonly #graceMs: number
  #dropping: Promise<void> = Promise.resolve()

  constructor(core: ServiceCore) {
    this.#core = core
    this.#graceMs = graceMs(core.service.limits, core.sharesStore)
  }

  /** Deletes the tables of a generation when every function that runs now has ended, wherever it runs. */
  add(readModel: ReadModel, generation: number, waitMs = this.#graceMs): void {
    const end = async (isUnread: boolean) => {
      cancel()
      this.#waiting.delete(end)
      if (isUnread) await this.#drop(readModel, generation).catch(() => {})
    }
    const cancel = this.#core.environment.timeouts.after(waitMs, () => {
      this.#dropping = Promise.all([this.#dropping, end(true)]).then(() => {})
    })
    this.#waiting.add(end)
  }

  /** Takes over what another instance has replaced, or this one before it lost its lease. */
  async takeOver(readModel: ReadModel): Promise<void> {
    const { store } = this.#core
    const replaced = await readReplaced(store, readModel)
    if (replaced.size === 0) return
    const now = await store.now()
    for (const [generation, at] of replaced) this.add(readModel, generation, Math.max(0, at + this.#graceMs - now))
  }

  /** Deletes what still waits, unless a command or another instance may read it. Call it when no subscription runs any more. */
  async close(): Promise<void> {
    await this.#dropping
    const isUnread = !this.#core.sharesStore && this.#core.commandsInFlight === 0
    await Promise.all([...this.#waiting].map((end) => end(isUnread)))
  }

  async #drop(readModel: ReadModel, generation: number): Promise<void> {
    const { store, sharesStore } = this.#core
    await dropGeneration(store, readModel, generation)
    if (!sharesStore) return
    const unit = new UnitOfWork(store)
    forgetReplaced(unit, readModel, generation)
    await this.#core.commit(unit)
  }
}
