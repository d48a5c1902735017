// The tables of read models and replicas as one query reads them, where other instances may switch them to a new generation meanwhile.
// Invariant: a query reads the generation that served reads when it began, or a later one, and the same to its end.

import { mapValues, type ServiceCore } from '../core/service-core.ts'
import type { BoundTable } from '../tables/bind-tables.ts'

/** The tables of the read models and replicas of a service, by the names that its functions give them. */
export type ReadModelTables = Pick<ServiceCore, 'readModelTables' | 'replicaTables'>

/** Asks the store which generations serve reads now: one read, and none if the service has no read models. */
export async function currentReadModels(core: ServiceCore): Promise<ReadModelTables> {
  const { generations, store, readModels, readModelTables, replicaTables } = core
  if (readModels.length === 0) return core
  await generations.refreshAll(store, readModels)
  return { readModelTables: mapValues(readModelTables, asNow), replicaTables: mapValues(replicaTables, asNow) }
}

function asNow(table: BoundTable): BoundTable {
  const name = table.physical()
  return { ...table, physical: () => name }
}
