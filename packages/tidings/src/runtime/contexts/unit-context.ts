// The context of functions that write: commands, timers, outcomes of effects, and (extended) handlers. Each member is created when a
// function first uses it, so a function pays only for what it uses.

import {
  type CommandContract,
  type Duration,
  type EffectContract,
  type EventContract,
  isRejection,
  isSameContract,
  type QueryContract,
  validate,
} from '../../contracts/index.ts'
import { checkKind, type Says, TidingsError } from '../../errors/index.ts'
import type { StreamReader } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { requestEffect } from '../schedule/request-effect.ts'
import { defaultSubscriber, serviceTimers } from '../schedule/scheduled-item.ts'
import { keyedTimer } from '../schedule/set-timer.ts'
import { tableWriter } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import { makeEvent, makeTombstone } from '../unit-of-work/make-event.ts'
import { type Origin, occurredAtOf } from '../unit-of-work/origin.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { IsolatedRun } from './isolated-run.ts'
import { ReadContext } from './read-context.ts'
import { replicaReader } from './replica-reader.ts'
import { StartedCalls } from './started-calls.ts'
import { streamReader } from './stream-reader.ts'

/** What a function declares that it does. */
export interface Declares {
  /** The function, as errors name it: `Command place-order`. */
  readonly by: string
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly lookups: readonly QueryContract[]
  readonly requests: readonly EffectContract[]
  /** Effects are requested only for events recorded from this moment on (see `HandlerOptions.effectsFrom`), in milliseconds since 1970. */
  readonly effectsFrom?: number | undefined
}

/** What functions that write are given. */
export class UnitContext extends ReadContext {
  protected readonly unit: UnitOfWork
  protected readonly declares: Declares
  #startedCalls: StartedCalls | undefined

  constructor(core: ServiceCore, unit: UnitOfWork, origin: Origin, declares: Declares) {
    super(core, origin)
    this.unit = unit
    this.declares = declares
  }

  get commandId() {
    return this.origin.causationId
  }
  get occurredAt() {
    return new Date(this.origin.occurredAt)
  }
  get newId() {
    return () => this.core.environment.ids.next()
  }
  get random() {
    return () => this.core.environment.random.next()
  }
  override get tables(): unknown {
    return (
      this.unit.tables ??
      this.unit.keepTables(
        lazyRecord(this.core.tables, (table) => tableWriter(this.unit, table, this.core.service.limits)),
      )
    )
  }
  override get replicas(): unknown {
    return lazyRecord(this.core.replicaTables, (table, name) => {
      const reader = replicaReader(this.core, table, name, this.isolated)
      const require = (key: string) => this.started(`replicas.${name}.require(…)`, reader.require(key), false)
      return { ...reader, require }
    })
  }
  override get streams(): StreamReader {
    return streamReader(this.core, this.unit)
  }
  get publish() {
    return (contract: EventContract, data: unknown, options: { occurredAt?: Date } = {}) => {
      this.#checkPublishes(contract)
      const occurredAt = occurredAtOf(`Event ${contract.name}`, options.occurredAt, this.origin.occurredAt)
      this.unit.publish(
        makeEvent({ contract, data, origin: this.origin, occurredAt }, this.core.environment, this.core.service.limits),
      )
    }
  }
  get retract() {
    return (contract: EventContract, key: string, options: { occurredAt?: Date } = {}) => {
      this.#checkPublishes(contract)
      const occurredAt = occurredAtOf(`Event ${contract.name}`, options.occurredAt, this.origin.occurredAt)
      this.unit.publish(makeTombstone({ contract, origin: this.origin, occurredAt }, key, this.core.environment))
    }
  }
  get execute() {
    return (command: CommandContract, input: unknown, options?: { occurredAt?: Date }): Promise<unknown> =>
      this.started(`execute(${command?.name})`, this.#execute(command, input, options), true)
  }
  async #execute(command: CommandContract, input: unknown, options: { occurredAt?: Date } = {}): Promise<unknown> {
    if (!this.declares.executes.some((declared) => declared.name === command?.name)) {
      checkKind(command, 'command', wrong(this.declares.by, 'executes', 'command'))
      throw new TidingsError(
        'NOT_DECLARED',
        `${this.declares.by} executes ${command.name}, which it does not declare under executes.`,
      )
    }
    const data = validate(`Command ${command.name}`, command.input, input)
    const inner = new UnitOfWork(this.core.store, this.unit)
    const occurredAt = occurredAtOf(`Command ${command.name}`, options.occurredAt, this.origin.occurredAt)
    const origin = { ...this.origin, occurredAt }
    let answer: unknown
    try {
      answer = await this.core.runCommand(this.core, inner, command.name, data, origin)
    } finally {
      inner.close()
    }
    if (!isRejection(answer) && !this.unit.merge(inner)) {
      throw new TidingsError(
        'CONFLICT',
        `${this.declares.by} changed what command ${command.name} was reading; await one before you start the other.`,
      )
    }
    this.noteExecuted(command, answer)
    return answer
  }
  get timers(): unknown {
    const { core, unit, origin } = this
    return lazyRecord(core.timersToSet, (definition, name) =>
      keyedTimer({ core, unit, origin, owner: serviceTimers, subscriber: defaultSubscriber }, name, definition),
    )
  }
  get request() {
    return (effect: EffectContract, input: unknown, options?: { after?: Duration }): string => {
      if (!this.declares.requests.some((declared) => isSameContract(declared, effect))) {
        checkKind(effect, 'effect', wrong(this.declares.by, 'requests', 'effect'))
        throw new TidingsError(
          'NOT_DECLARED',
          `${this.declares.by} requests effect ${effect.name}, which it does not declare under requests.`,
        )
      }
      // While a handler catches up, its effects are performed as usual, unless `effectsFrom` excludes them.
      const wanted = this.declares.effectsFrom === undefined || this.inputRecordedAt >= this.declares.effectsFrom
      return requestEffect(this.core, this.unit, this.origin, effect, input, { ...options, wanted })
    }
  }

  /** Throws `NOT_AWAITED` if the function has returned without awaiting what it has started. */
  assertAwaited(): void {
    this.#startedCalls?.assertAwaited(this.declares.by)
  }

  /** Notes a call that the function has to await. */
  protected started<T>(what: string, work: Promise<T>, works: boolean): Promise<T> {
    this.#startedCalls ??= new StartedCalls()
    return this.#startedCalls.start(what, work, works)
  }

  /** Called when a command has been executed. */
  protected noteExecuted(_command: CommandContract, _answer: unknown): void {}

  protected get isolated(): IsolatedRun | undefined {
    return undefined
  }

  /** When the input of the function was recorded, in milliseconds since 1970. */
  protected get inputRecordedAt(): number {
    return this.origin.occurredAt
  }

  #checkPublishes(contract: EventContract): void {
    if (!this.declares.publishes.some((declared) => isSameContract(declared, contract))) {
      checkKind(contract, 'event', wrong(this.declares.by, 'publishes', 'event'))
      throw new TidingsError(
        'NOT_DECLARED',
        `${this.declares.by} publishes ${contract.name}, which it does not declare under publishes.`,
      )
    }
  }
}

/** What an error says of something that is no contract. */
export function wrong(by: string, does: string, kind: string): Says {
  return { what: `What ${by} ${does}`, hint: `Pass the contract of the ${kind} first, and then its data.` }
}
