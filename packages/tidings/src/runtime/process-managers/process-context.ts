// The context of a process manager's functions: a handler's context that also notes every output for the instance's history.

import type { CronTime, Duration, EffectContract, EventContract, EventMeta } from '../../contracts/index.ts'
import { type CommandContract, isRejection, metaOf } from '../../contracts/index.ts'
import type { DueTimer, ProcessDeclaration } from '../../services/index.ts'
import { type HandlerDelivery, UnitHandlerContext } from '../contexts/handler-context.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keyedTimer, type UntypedTimer } from '../schedule/set-timer.ts'
import { tableReader } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { ProcessStep } from './process-instance.ts'

type Writable<T> = { -readonly [Name in keyof T]: T[Name] extends readonly (infer Item)[] ? Item[] : T[Name] }

/** The outputs of a step so far. */
export type StepNotes = Writable<Pick<ProcessStep, 'published' | 'executed' | 'requested' | 'timers'>> & {
  ended: boolean
}

/** The instance and its input. */
export interface ProcessWork {
  readonly key: string
  readonly state: unknown
  readonly delivery?: HandlerDelivery
  readonly timer?: DueTimer
  readonly attempt?: number
}

/** What functions of a process manager are given. */
export class UnitProcessContext extends UnitHandlerContext {
  readonly key: string
  readonly state: unknown
  readonly timer: DueTimer | undefined
  readonly end: () => void
  readonly #process: ProcessDeclaration
  readonly #notes: StepNotes
  readonly #event: HandlerDelivery['event'] | undefined

  constructor(
    core: ServiceCore,
    unit: UnitOfWork,
    origin: Origin,
    manager: ProcessDeclaration,
    notes: StepNotes,
    work: ProcessWork,
  ) {
    const effectsFrom = core.effectsFrom.get(manager.name)
    const declares = { ...manager, by: `Process ${manager.name}`, effectsFrom }
    super(core, unit, origin, declares, work.delivery ?? { attempt: work.attempt ?? 1 })
    this.key = work.key
    this.state = work.state
    this.timer = work.timer
    this.end = () => {
      notes.ended = true
    }
    this.#process = manager
    this.#notes = notes
    this.#event = work.delivery?.event
  }

  get facts() {
    return this.#process.decider.make
  }
  override get event(): EventMeta {
    return metaOf(this.#event as HandlerDelivery['event'])
  }
  override get tables(): unknown {
    return lazyRecord(this.core.tables, (table) => tableReader({ store: this.core.store, unit: this.unit }, table))
  }
  override get timers(): unknown {
    const { core, unit, origin, key } = this
    const { name: owner, subscriber, timers } = this.#process
    const note = (name: string, dueAt: number | undefined) =>
      this.#notes.timers.push({ name, ...(dueAt === undefined ? {} : { dueAt }) })
    return lazyRecord(timers, (definition, name) =>
      ofInstance(keyedTimer({ core, unit, origin, owner, subscriber, note }, name, definition), key),
    )
  }
  override get publish() {
    const publish = super.publish
    return (contract: EventContract, data: unknown, options?: { occurredAt?: Date }) => {
      publish(contract, data, options)
      this.#notePublished()
    }
  }
  override get retract() {
    const retract = super.retract
    return (contract: EventContract, key: string, options?: { occurredAt?: Date }) => {
      retract(contract, key, options)
      this.#notePublished()
    }
  }
  protected override noteExecuted(command: CommandContract, answer: unknown): void {
    this.#notes.executed.push({
      command: command.name,
      ...(isRejection(answer) ? { rejected: answer.code } : {}),
    })
  }
  override get request() {
    const request = super.request
    return (effect: EffectContract, input: unknown, options?: { after?: Duration }) => {
      const id = request(effect, input, options)
      this.#notes.requested.push({ effect: effect.name, id })
      return id
    }
  }

  #notePublished(): void {
    const event = this.unit.events.at(-1)
    if (event !== undefined) this.#notes.published.push({ type: event.type, id: event.id })
  }
}

function ofInstance(timer: UntypedTimer, key: string): unknown {
  return {
    after: (duration: Duration, data?: unknown) => timer.after(key, duration, data),
    at: (moment: Date, data?: unknown) => timer.at(key, moment, data),
    every: (time: CronTime, data?: unknown) => timer.every(key, time, data),
    cancel: () => timer.cancel(key),
    get: () => timer.get(key),
  }
}
