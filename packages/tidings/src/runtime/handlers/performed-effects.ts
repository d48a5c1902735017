// Effects that were performed, and whose outcome is not handled yet: each with what the other system has answered. They are not performed again.
// Invariant: an answer is stored by the commit that defers its effect, so that a redrive finds it, after a restart too.

import { toJson, validate } from '../../contracts/index.ts'
import { isTidingsError, TidingsError } from '../../errors/index.ts'
import type { EffectDeclaration } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import { queueKey } from '../schedule/due-queue.ts'
import { effectQueue, type ScheduledItem } from '../schedule/scheduled-item.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** What `perform` has returned. `fits`: it was checked and converted by the schema of the outcome, and is not checked again. */
export interface Performed {
  readonly answer: unknown
  readonly fits: boolean
}

/** The most effects that are remembered in memory. */
const rememberedMax = 1_000

/** The performed effects of one declaration. */
export class PerformedEffects {
  readonly #core: ServiceCore
  readonly #declaration: EffectDeclaration
  readonly #remembered = new Map<string, Performed>()

  constructor(core: ServiceCore, declaration: EffectDeclaration) {
    this.#core = core
    this.#declaration = declaration
  }

  /** What the other system has answered; `undefined` if the effect was not performed yet. */
  find(item: ScheduledItem): Performed | undefined {
    const remembered = this.#remembered.get(item.id)
    if (remembered !== undefined || item.performed === undefined) return remembered
    const { answer, fits } = item.performed
    return { answer: answer === undefined ? undefined : JSON.parse(answer), fits }
  }

  remember(item: ScheduledItem, performed: Performed): void {
    this.#remembered.set(item.id, performed)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > rememberedMax && oldest !== undefined) this.#remembered.delete(oldest)
  }

  /** The outcome that an answer is, checked once; throws `INVALID_PAYLOAD` or `PAYLOAD_…`. */
  outcomeOf(item: ScheduledItem, performed: Performed): unknown {
    const { effect } = this.#declaration
    if (effect.outcome === undefined) return undefined
    if (performed.fits) return performed.answer
    const outcome = this.#checked(effect.outcome, performed.answer)
    this.remember(item, { answer: outcome, fits: true })
    return outcome
  }

  // What does not fit was returned by the service's own function, so nobody has sent anything wrong.
  #checked(schema: NonNullable<EffectDeclaration['effect']['outcome']>, answer: unknown): unknown {
    try {
      const outcome = validate(this.#what, schema, answer)
      toJson(this.#what, outcome, this.#core.service.limits)
      return outcome
    } catch (error) {
      if (!isTidingsError(error)) throw error
      const { code, message, details } = error
      const hint = 'Correct what `perform` returns, or the schema of the outcome; deploy, and redrive.'
      throw new TidingsError(code, message, { details, cause: error, hint })
    }
  }

  /** Stores the answer with the effect, within the commit that defers it. An answer that is no JSON, or is too large, is not kept. */
  async keep(unit: UnitOfWork, { id, position }: DeferredEvent, name: string): Promise<void> {
    const performed = this.#remembered.get(id)
    if (performed === undefined) return
    const key = queueKey(effectQueue(name), position)
    const row = await unit.get(systemTables.queues, key)
    if (row === undefined) return
    const item = JSON.parse(row.json) as ScheduledItem
    unit.putDocument(systemTables.queues, key, { ...item, performed: this.#stored(performed) } satisfies ScheduledItem)
  }

  #stored({ answer, fits }: Performed): NonNullable<ScheduledItem['performed']> {
    if (answer === undefined) return { fits }
    try {
      return { answer: toJson(this.#what, answer, this.#core.service.limits), fits }
    } catch {
      return { fits }
    }
  }

  get #what(): string {
    return `The outcome of effect ${this.#declaration.effect.name}`
  }
}
