// Keeps a projection: runs its steps on the tables of one generation.

import { type EventMeta, type LoggedEvent, metaOf } from '../../contracts/index.ts'
import type { Awaitable, StoredFact } from '../../ports/index.ts'
import type { FactMeta, ProjectionStep } from '../../services/index.ts'
import { projectionTables } from '../commands/inline-projections.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invoke } from '../delivery/invocation.ts'
import type { Delivery } from '../delivery-readers/delivery-reader.ts'
import { factMeta, readFactData } from '../streams/load-stream.ts'
import type { ReadModel } from '../tables/read-models.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { readEventData } from './read-event-data.ts'

/** Runs a projection's steps on the tables of a generation. */
export function invokeProjection(core: ServiceCore, readModel: ReadModel, generation: () => number): Invoke {
  const steps = readModel.projection?.steps ?? []
  const byType = Map.groupBy(steps, (step) =>
    step.on === 'event' ? step.event.name : `${step.decider.name}/${step.fact}`,
  )
  // Most batches run in one unit, so their tables are created only once.
  let made: { readonly unit: UnitOfWork; readonly generation: number; readonly tables: unknown } | undefined
  const tablesOf = (unit: UnitOfWork) => {
    const current = generation()
    if (made?.unit !== unit || made.generation !== current) {
      made = { unit, generation: current, tables: projectionTables(readModel, unit, core, current) }
    }
    return made.tables
  }
  return ({ delivery, unit }) => {
    const due = byType.get(delivery.type)
    if (due === undefined) return undefined
    const [only] = due
    // A rebuild runs millions of steps, so the promise of a single one is passed on as it is.
    return only !== undefined && due.length === 1
      ? (runStep(only, delivery, tablesOf(unit)) as Awaitable<void>)
      : runSteps(due, delivery, tablesOf(unit))
  }
}

async function runSteps(due: readonly ProjectionStep[], delivery: Delivery, tables: unknown): Promise<void> {
  for (const step of due) await runStep(step, delivery, tables)
}

function runStep(step: ProjectionStep, { event, fact }: Delivery, tables: unknown): unknown {
  if (step.on === 'fact') {
    return fact === undefined ? undefined : step.run(readFactData(step.decider, fact), new FactContext(tables, fact))
  }
  if (event === undefined || (step.when === 'retracted') !== (event.data === null)) return undefined
  const data = event.data === null ? event.key : readEventData(step.event, event)
  return step.run(data, new EventContext(tables, event))
}

// The metadata of a fact or event are created when a step asks for them. Most steps never do, and a rebuild runs millions.
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
