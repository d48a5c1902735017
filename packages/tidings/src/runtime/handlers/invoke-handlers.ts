// What a subscriber does with a delivery: run its handlers, its projection's steps, or keep a replica's row.

import { type EventContract, type EventMeta, type LoggedEvent, metaOf, readVersion } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { StoredFact } from '../../ports/index.ts'
import type { FactMeta, NamedHandler, ProjectionStep } from '../../services/index.ts'
import { encode } from '../tables/bind-tables.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { finishUnit } from '../unit-of-work/finish-unit.ts'
import { projectionTables } from '../commands/inline-projections.ts'
import { factMeta, readFactData } from '../streams/load-stream.ts'
import { HandlerContext, type HandlerDelivery } from '../contexts/handler-context.ts'
import { runProcessEvent } from '../process-managers/run-process.ts'
import type { React } from '../delivery/invoke.ts'
import type { ReadModel } from '../tables/read-models.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** An event's data as the newest version this code knows; `undefined` for a tombstone. */
export function readEventData(contract: EventContract, event: LoggedEvent): unknown {
  if (event.data === null) return undefined
  const data: unknown = JSON.parse(event.data)
  if (event.version === contract.chain.latest.version) return data
  return readVersion(contract.chain, {
    version: event.version,
    readableFrom: event.readableFrom,
    data,
    downcasts: event.downcasts === null ? undefined : (JSON.parse(event.downcasts) as Record<string, unknown>),
  })
}

/** Runs the handlers of a lane. */
export function reactWithHandlers(core: ServiceCore, handlers: readonly NamedHandler[]): React {
  const byType = Map.groupBy(
    handlers.map((handler) => {
      const effectsFrom = core.effectsFrom.get(handler.process?.name ?? handler.name)
      return { handler, declares: { ...handler, by: `Handler ${handler.name}`, effectsFrom } }
    }),
    ({ handler }) => handler.event.name,
  )
  return async ({ delivery, unit, attempt, epoch, suspicion }) => {
    const { event } = delivery
    if (event === undefined) return
    for (const { handler, declares } of byType.get(event.type) ?? []) {
      const retracted = event.data === null
      if ((handler.when === 'retracted') !== retracted) continue
      const span = core.host.tracing?.start(`handle ${event.type}`, event.traceparent, {
        'tidings.service': core.service.name,
        'tidings.handler': handler.name,
        'tidings.attempt': attempt,
      })
      const origin = {
        service: core.service.name,
        correlationId: event.correlationId,
        causationId: event.id,
        causedBy: handler.process === undefined ? `handler/${handler.name}` : `process/${handler.process.name}`,
        principal: event.principal,
        traceparent: span?.traceparent ?? event.traceparent,
        occurredAt: event.occurredAt,
      }
      const delivery: HandlerDelivery = { event, attempt, suspicion, floor: { epoch, position: event.position } }
      try {
        const data = retracted ? event.key : readEventData(handler.event, event)
        if (handler.process !== undefined && handler.input !== undefined)
          await runProcessEvent(core, unit, handler.process, handler.input, data, delivery, origin)
        else await handler.run(data, new HandlerContext(core, unit, origin, declares, delivery))
        span?.end()
      } catch (error) {
        span?.end(error)
        throw error
      }
    }
    const unfinished = finishUnit(unit, core.contracts, core.service.limits.publishCountMax)
    if (unfinished !== undefined) await unfinished
  }
}

/** Runs a projection's steps on the tables of a generation. */
export function reactWithProjection(core: ServiceCore, readModel: ReadModel, generation: () => number): React {
  const steps = readModel.projection?.steps ?? []
  const byType = Map.groupBy(steps, (step) =>
    step.on === 'event' ? step.event.name : `${step.decider.name}/${step.fact}`,
  )
  // A batch mostly runs in one unit: its tables are made once.
  let made: { readonly unit: UnitOfWork; readonly generation: number; readonly tables: unknown } | undefined
  const tablesOf = (unit: UnitOfWork) => {
    const current = generation()
    if (made?.unit !== unit || made.generation !== current) {
      made = { unit, generation: current, tables: projectionTables(readModel, unit, core, current) }
    }
    return made.tables
  }
  return async ({ delivery, unit }) => {
    const due: readonly ProjectionStep[] = byType.get(delivery.type) ?? []
    for (const step of due) {
      const running = runStep(step, delivery, tablesOf(unit))
      if (running instanceof Promise) await running
    }
  }
}

function runStep(step: ProjectionStep, { event, fact }: Delivery, tables: unknown): unknown {
  if (step.on === 'fact') {
    return fact === undefined ? undefined : step.run(readFactData(step.decider, fact), new FactContext(tables, fact))
  }
  if (event === undefined || (step.when === 'retracted') !== (event.data === null)) return undefined
  const data = event.data === null ? event.key : readEventData(step.event, event)
  return step.run(data, new EventContext(tables, event))
}

// What is known of a fact or event is put together when a step asks for it: most do not, and a rebuild runs millions.
class FactContext {
  readonly tables: unknown
  readonly #fact: StoredFact

  constructor(tables: unknown, fact: StoredFact) {
    this.tables = tables
    this.#fact = fact
  }

  get fact(): FactMeta {
    return factMeta(this.#fact)
  }
}

class EventContext {
  readonly tables: unknown
  readonly #event: LoggedEvent

  constructor(tables: unknown, event: LoggedEvent) {
    this.tables = tables
    this.#event = event
  }

  get event(): EventMeta {
    return metaOf(this.#event)
  }
}

/** Keeps a replica: the latest version per key; a tombstone removes the row and keeps its version. */
export function reactWithReplica(
  core: ServiceCore,
  readModel: ReadModel,
  contract: EventContract,
  generation: () => number,
): React {
  const table = readModel.tables[readModel.name]?.bound(generation)
  if (table === undefined)
    throw new TidingsError('INVARIANT', `Invariant broken: replica ${readModel.name} without a table`)
  return async ({ delivery, unit }) => {
    const { event } = delivery
    if (event === undefined || event.type !== contract.name) return
    const versions = `${readModel.name}.versions@${generation()}`
    const known = await unit.get(versions, event.key)
    const version = event.entityVersion ?? 0
    if (known !== undefined && Number(known.json) >= version) return
    unit.put(versions, event.key, { schemaVersion: 1, json: String(version), columns: [] })
    if (event.data === null) {
      unit.deleteRow(table.physical(), event.key)
      return
    }
    unit.put(table.physical(), event.key, encode(table, readEventData(contract, event), core.service.limits))
  }
}
