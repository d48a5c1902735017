// Inline projections: they run for each fact, in the unit of work that appends it.
// Invariant: the unit checks the read model's generation, so if a rebuild switches generations in between, the unit runs again on the new
// one.

import type { ServiceCore } from '../core/service-core.ts'
import type { OnFact } from '../streams/decide.ts'
import { factMeta, readFactData } from '../streams/load-stream.ts'
import { tableWriter } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** What to run for each fact of a unit; `undefined` if the service has no inline projection. */
export function inlineProjections(core: ServiceCore, unit: UnitOfWork): OnFact | undefined {
  const inline = core.readModels.filter((readModel) => readModel.projection?.mode === 'inline')
  if (inline.length === 0) return undefined
  const checked = new Set<ReadModel>()
  return async ({ decider }, fact) => {
    for (const readModel of inline) {
      for (const step of readModel.projection?.steps ?? []) {
        if (step.on !== 'fact' || step.decider.name !== decider.name || step.fact !== fact.type) continue
        if (!checked.has(readModel)) {
          checked.add(readModel)
          unit.check({
            table: systemTables.readModels,
            key: readModel.subscriber,
            revision: core.generations.revision(readModel),
          })
        }
        const generation = core.generations.of(readModel).generation
        const tables = projectionTables(readModel, unit, core, generation)
        await step.run(readFactData(decider, fact), { tables, fact: factMeta(fact) })
      }
    }
  }
}

/** The tables of a projection in one generation, written within a unit of work. */
export function projectionTables(
  readModel: ReadModel,
  unit: UnitOfWork,
  core: ServiceCore,
  generation: number,
): unknown {
  const bound: Record<string, ReturnType<ReadModel['tables'][string]['bound']>> = {}
  for (const name in readModel.tables) {
    const table = readModel.tables[name]
    if (table !== undefined) bound[name] = table.bound(() => generation)
  }
  return lazyRecord(bound, (table) => tableWriter(unit, table, core.service.limits))
}
