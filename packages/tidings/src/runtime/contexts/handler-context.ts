// What user code is given, made lazily: a function pays for what it takes out of its context.

import {
  type CommandContract,
  checkKey,
  type Duration,
  type EffectContract,
  type EventContract,
  type EventMeta,
  type EventRecord,
  isRejection,
  metaOf,
  type QueryContract,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { Log, ReplicaReader, StreamReader } from '../../services/index.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { createLog } from '../core/service-log.ts'
import { requestEffect } from '../schedule/request-effect.ts'
import { serviceTimers } from '../schedule/scheduled-item.ts'
import { keyedTimer } from '../schedule/set-timer.ts'
import { streamOf } from '../streams/decide.ts'
import { loadPastState, loadStream, readFactsOfStream } from '../streams/load-stream.ts'
import { type BoundTable, type RowSource, tableReader, tableWriter } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import { makeEvent, makeTombstone } from '../unit-of-work/make-event.ts'
import { type Origin, occurredAtOf } from '../unit-of-work/origin.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { IsolatedRun } from './isolated-run.ts'

/** The subscription of handlers that name none, and of the service's timers. */
export const defaultSubscriber = 'main'

/** What a function declared that it does. */
export interface Declares {
  readonly by: string
  readonly publishes: readonly EventContract[]
  readonly executes: readonly CommandContract[]
  readonly lookups: readonly QueryContract[]
  readonly requests: readonly EffectContract[]
  /** Effects are requested only for what came later (see `HandlerOptions.effectsFrom`). */
  readonly effectsFrom?: number | undefined
}

/** The part of a context that reads. */
export class ReadContext {
  protected readonly core: ServiceCore
  protected readonly origin: Origin
  #log: Log | undefined

  constructor(core: ServiceCore, origin: Origin) {
    this.core = core
    this.origin = origin
  }

  protected get source(): RowSource {
    return { store: this.core.store }
  }

  get principal() {
    return this.origin.principal
  }
  get correlationId() {
    return this.origin.correlationId
  }
  get log(): Log {
    this.#log ??= createLog(this.core.environment, this.core.service.name, {
      by: this.origin.causedBy,
      correlationId: this.origin.correlationId,
    })
    return this.#log
  }
  get tables(): unknown {
    return lazyRecord(this.core.tables, (table) => tableReader(this.source, table))
  }
  get readModels(): unknown {
    return lazyRecord(this.core.readModelTables, (table) => tableReader({ store: this.core.store }, table))
  }
  get replicas(): unknown {
    return lazyRecord(this.core.replicaTables, (table, name) => replicaReader(this.core, table, name))
  }
  get streams(): StreamReader {
    return streamReader(this.core, undefined)
  }
  get now() {
    return () => new Date(this.core.environment.clock.now())
  }
}

/** What commands and handlers are given. */
export class UnitContext extends ReadContext {
  protected readonly unit: UnitOfWork
  protected readonly declares: Declares

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
    this.unit.tables ??= lazyRecord(this.core.tables, (table) =>
      tableWriter(this.unit, table, this.core.service.limits),
    )
    return this.unit.tables
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
    return async (command: CommandContract, input: unknown, options: { occurredAt?: Date } = {}) => {
      if (!this.declares.executes.some((declared) => declared.name === command.name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${this.declares.by} executes ${command.name}, which it does not declare under executes.`,
        )
      }
      const data = validate(`Command ${command.name}`, command.input, input)
      const inner = new UnitOfWork(this.core.store, this.unit)
      const occurredAt = occurredAtOf(`Command ${command.name}`, options.occurredAt, this.origin.occurredAt)
      const origin = { ...this.origin, occurredAt }
      const answer = await this.core.runCommand(this.core, inner, command.name, data, origin)
      inner.close()
      if (!isRejection(answer) && !this.unit.merge(inner)) {
        throw new TidingsError(
          'CONFLICT',
          `${this.declares.by} changed what command ${command.name} was reading; await one after the other.`,
        )
      }
      return answer
    }
  }

  get timers(): unknown {
    const { core, unit, origin } = this
    return lazyRecord(core.service.timers, (definition, name) =>
      keyedTimer({ core, unit, origin, owner: serviceTimers, subscriber: defaultSubscriber }, name, definition),
    )
  }
  get request() {
    return (effect: EffectContract, input: unknown, options?: { after?: Duration }): string => {
      if (!this.declares.requests.includes(effect)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${this.declares.by} requests effect ${effect.name}, which it does not declare under requests.`,
        )
      }
      // A catch-up is live, and may still say from when on the world is to notice.
      const wanted = this.declares.effectsFrom === undefined || this.heardAt >= this.declares.effectsFrom
      return requestEffect(this.core, this.unit, this.origin, effect, input, { ...options, wanted })
    }
  }

  /** When what is being handled was recorded, in milliseconds since 1970. */
  protected get heardAt(): number {
    return this.origin.occurredAt
  }

  #checkPublishes(contract: EventContract): void {
    if (!this.declares.publishes.includes(contract)) {
      throw new TidingsError(
        'NOT_DECLARED',
        `${this.declares.by} publishes ${contract.name}, which it does not declare under publishes.`,
      )
    }
  }
}

/** What a handler's context knows of its delivery. */
export interface HandlerDelivery {
  readonly event: EventRecord
  readonly attempt: number
  /** Where the event stands in its owner's log: lookups are never answered from before it. */
  readonly minimumPosition: { readonly epoch: string; readonly position: Position }
  readonly isolated: IsolatedRun | undefined
}

/** What a context knows of a delivery that is no event: a timer that came due. */
type OtherDelivery = Pick<HandlerDelivery, 'attempt'>

/** What handlers are given. */
export class UnitHandlerContext extends UnitContext {
  readonly attempt: number
  readonly #delivery: HandlerDelivery | OtherDelivery
  #event: EventMeta | undefined

  constructor(
    core: ServiceCore,
    unit: UnitOfWork,
    origin: Origin,
    declares: Declares,
    delivery: HandlerDelivery | OtherDelivery,
  ) {
    super(core, unit, origin, declares)
    this.attempt = delivery.attempt
    this.#delivery = delivery
  }

  override get replicas(): unknown {
    const isolated = this.#ofEvent?.isolated
    return lazyRecord(this.core.replicaTables, (table, name) => replicaReader(this.core, table, name, isolated))
  }

  get #ofEvent(): HandlerDelivery | undefined {
    return 'event' in this.#delivery ? this.#delivery : undefined
  }

  protected override get heardAt(): number {
    return this.#ofEvent?.event.recordedAt ?? super.heardAt
  }

  get event(): EventMeta {
    this.#event ??= metaOf((this.#delivery as HandlerDelivery).event)
    return this.#event
  }

  get lookup() {
    return (query: QueryContract, input: unknown) => {
      if (!this.declares.lookups.some((declared) => declared.owner === query.owner && declared.name === query.name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${this.declares.by} looks up ${query.name}, which it does not declare under lookups.`,
        )
      }
      const { minimumPosition, isolated, event } = this.#ofEvent ?? {}
      const ask = () =>
        this.core.lookUp({
          query,
          input,
          minimumPosition: query.owner === event?.source ? minimumPosition : undefined,
          correlationId: this.origin.correlationId,
          principal: this.origin.principal,
          traceparent: this.origin.traceparent,
          limits: this.core.service.limits,
        })
      return isolated === undefined ? ask() : isolated.whileWaiting(ask)
    }
  }
}

function replicaReader(
  core: ServiceCore,
  table: BoundTable,
  name: string,
  isolated?: IsolatedRun,
): ReplicaReader<unknown> {
  const waiting = isolated?.whileWaiting ?? (<T>(work: () => Promise<T>) => work())

  const reader = tableReader({ store: core.store }, table)
  return {
    ...reader,
    require: async (key) => {
      const { timeouts, clock } = core.environment
      const deadline = clock.monotonicMs() + core.service.limits.requireTimeoutMs
      const changed = core.replicaChanged.get(name)
      for (;;) {
        const since = changed?.fires
        const row = await reader.get(key)
        if (row !== undefined) return row
        const leftMs = deadline - clock.monotonicMs()
        const came =
          leftMs > 0 &&
          changed !== undefined &&
          (await waiting(() => signalOrTimeout(timeouts, changed, leftMs, since)))
        if (!came) {
          const last = await reader.get(key)
          if (last !== undefined) return last
          throw new TidingsError(
            'REPLICA_ROW_MISSING',
            `Replica ${name} of ${core.service.name} has no row for the key that is required.`,
            {
              details: { replica: name },
            },
          )
        }
      }
    },
  }
}

function streamReader(core: ServiceCore, unit: UnitOfWork | undefined): StreamReader {
  const declarationOf = (decider: { readonly name: string }) => {
    const declaration = core.service.deciders.find((other) => other.decider.name === decider.name)
    if (declaration === undefined)
      throw new TidingsError('NOT_DECLARED', `Service ${core.service.name} keeps no streams of ${decider.name}.`)
    return declaration
  }
  return {
    load: async (decider, key, past) => {
      const declaration = declarationOf(decider)
      checkKey(`a stream of ${decider.name}`, key)
      if (past !== undefined) return pick(await loadPastState(core.store, declaration.decider, key, past))
      return pick(
        unit === undefined
          ? await loadStream(core.store, declaration.decider, key)
          : await streamOf(unit, declaration, key, core.streams),
      )
    },
    read: (decider, key, options = {}) =>
      readFactsOfStream(
        core.store,
        declarationOf(decider).decider,
        key,
        options.afterVersion ?? 0,
        Math.min(options.limit ?? 1_000, 10_000),
      ),
  }
}

function pick(loaded: { readonly state: unknown; readonly version: number }): { state: never; version: number } {
  return { state: loaded.state as never, version: loaded.version }
}
