// Which effects have begun, as rows of a store that several instances share: each is committed before its effect is performed, and goes with its
// outcome. Invariant: an effect that was begun, and may not have ended, is not begun again before the time that it was given has passed.

import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import type { ScheduledItem } from '../schedule/scheduled-item.ts'
import { readDocument, sharedTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** The start of an effect, as stored under the id of its item. */
export interface EffectStart {
  /** The name of the instance that performs it. */
  readonly by: string
  /** By the clock of the store. */
  readonly startedAt: number
  /** For how long it may be performed, as of then. */
  readonly timeoutMs: number
}

/** A start that was committed here. */
interface OwnStart {
  readonly revision: number
  /** When its time has passed, by the monotonic clock. */
  readonly endsAt: number
  /** The function has ended. */
  isOver: boolean
}

/** The most starts of its own that an instance remembers. One that it has forgotten is waited for as that of another. */
const rememberedMax = 1_000

/** The starts of one effect. */
export class EffectStarts {
  readonly #core: ServiceCore
  readonly #timeoutMs: number
  readonly #own = new Map<string, OwnStart>()

  constructor(core: ServiceCore, timeoutMs: number) {
    this.#core = core
    this.#timeoutMs = timeoutMs
  }

  /**
   * Commits that an effect begins, once an earlier start of it is over; returns for how many milliseconds it may be performed. They count from before the
   * commit: whoever finds the start waits for no longer. Throws `LEASE_LOST`, and `EFFECT_PAUSED` if `closing` fires.
   */
  async begin({ id, name }: ScheduledItem, closing: AbortSignal): Promise<number> {
    const { environment, fence, service, store } = this.#core
    const { clock } = environment
    let revision = 0
    for (let tries = 0; tries <= service.limits.conflictRetriesMax; tries++) {
      const endsAt = clock.monotonicMs() + this.#timeoutMs
      const start: EffectStart = { by: fence?.holder ?? '', startedAt: clock.now(), timeoutMs: this.#timeoutMs }
      const unit = new UnitOfWork(store)
      unit.check({ table: sharedTables.effectStarts, key: id, revision })
      unit.putDocument(sharedTables.effectStarts, id, start)
      const result = await this.#core.commit(unit)
      if (result.committed) {
        this.#remember(id, { revision: result.revision, endsAt, isOver: false })
        return endsAt - clock.monotonicMs()
      }
      revision = await this.#waitOut(id, name, closing)
    }
    throw new TidingsError('EFFECT_PAUSED', `Others begin effect ${name} of ${service.name} at the same time.`)
  }

  /** Notes that the function has ended, whatever it returned. */
  noteEnd({ id }: ScheduledItem): void {
    const own = this.#own.get(id)
    if (own !== undefined) own.isOver = true
  }

  /** Removes the start of an effect, within the unit that handles its outcome. */
  end(unit: UnitOfWork, { id }: ScheduledItem): void {
    unit.deleteRow(sharedTables.effectStarts, id)
  }

  /** Removes the start of an effect that has failed, within the commit that defers it. If its function may still run, the start stays. */
  endFailed(unit: UnitOfWork, { id, state }: DeferredEvent): void {
    if (state === 'parked' || this.#isOver(this.#own.get(id))) unit.deleteRow(sharedTables.effectStarts, id)
  }

  // Waits until the start that is stored is over; returns the revision that it then has, 0 if it is gone.
  async #waitOut(id: string, effect: string, closing: AbortSignal): Promise<number> {
    const { clock } = this.#core.environment
    for (;;) {
      const kept = await readDocument<EffectStart>(this.#core.store, sharedTables.effectStarts, id)
      if (kept === undefined) return 0
      const own = this.#own.get(id)
      if (own?.revision === kept.revision && this.#isOver(own)) return kept.revision
      const { by, startedAt, timeoutMs } = kept.document
      const leftMs = Math.min(timeoutMs, startedAt + timeoutMs - clock.now())
      if (leftMs <= 0) return kept.revision
      this.#logWait(effect, by, leftMs)
      await this.#pause(leftMs, closing)
    }
  }

  #logWait(effect: string, begunBy: string, waitsMs: number): void {
    const { repeatedLines, service } = this.#core
    const next = `npx tidings effects ${service.name}`
    const message =
      'An effect that was begun before may still be performed; it is performed again when its time has passed'
    repeatedLines.write({
      level: 'info',
      message,
      fields: { effect, begunBy, waitsMs, next },
      cause: `begun ${effect}`,
      summary: { message, fields: { effect, next } },
    })
  }

  #isOver(own: OwnStart | undefined): boolean {
    return own !== undefined && (own.isOver || own.endsAt <= this.#core.environment.clock.monotonicMs())
  }

  #remember(id: string, own: OwnStart): void {
    this.#own.delete(id)
    this.#own.set(id, own)
    const [oldest] = this.#own.keys()
    if (this.#own.size > rememberedMax && oldest !== undefined) this.#own.delete(oldest)
  }

  #pause(ms: number, closing: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel()
        reject(effectPaused(this.#core))
      }
      const cancel = this.#core.environment.timeouts.after(ms, () => {
        closing.removeEventListener('abort', stop)
        resolve()
      })
      closing.addEventListener('abort', stop, { once: true })
      if (closing.aborted) stop()
    })
  }
}

/** The error of an effect that this instance does not perform, or no longer. */
export function effectPaused(core: ServiceCore): TidingsError {
  return new TidingsError(
    'EFFECT_PAUSED',
    `Service ${core.service.name} is closing; the effect is performed again later.`,
  )
}
