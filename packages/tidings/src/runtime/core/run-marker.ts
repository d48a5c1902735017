// What a service's store says of its runs: whether the last one ended cleanly, and which generations its read models began with.

import { TidingsError } from '../../errors/index.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { ServiceCore } from './service-core.ts'

/** Whether the last run ended cleanly; true for the first. */
export async function lastRunEndedCleanly({ store }: ServiceCore): Promise<boolean> {
  const last = await readDocument<{ state: string }>(store, systemTables.run, 'state')
  return last?.document.state !== 'running'
}

/** Says in the store that a run has begun, and keeps the first generation of each read model that is new. */
export async function noteStart(core: ServiceCore): Promise<void> {
  const unit = new UnitOfWork(core.store)
  unit.putDocument(systemTables.run, 'state', { state: 'running' })
  const added = core.readModels.filter((readModel) => core.generations.revision(readModel) === 0)
  for (const readModel of added)
    unit.putDocument(systemTables.readModels, readModel.subscriber, core.generations.of(readModel))
  const result = await core.commit(unit)
  if (!result.committed) throw new TidingsError('CONFLICT', `Service ${core.service.name} could not note its start.`)
  core.startRun(result.revision)
  for (const readModel of added) core.generations.set(readModel, core.generations.of(readModel), result.revision)
}

/** Lets a unit of work commit only while no other run has begun on this store. */
export function fenceByRun(core: ServiceCore, unit: UnitOfWork): void {
  if (core.runRevision !== undefined) unit.check({ table: systemTables.run, key: 'state', revision: core.runRevision })
}

/** Says in the store that the run has ended cleanly. */
export async function noteEnd(core: ServiceCore): Promise<void> {
  const unit = new UnitOfWork(core.store)
  unit.putDocument(systemTables.run, 'state', { state: 'ended' })
  await core
    .commit(unit)
    .catch((error: unknown) => core.log.warn('The end of the run could not be noted', { error: String(error) }))
}
