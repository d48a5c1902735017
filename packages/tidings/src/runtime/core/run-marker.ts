// The start marker of a service's runs: it says whether the last run ended cleanly, and fences out older runs.

import { describeThrown, TidingsError } from '../../errors/index.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import type { ServiceCore } from './service-core.ts'

/** Whether the last run ended cleanly; true for the first. */
export async function lastRunEndedCleanly({ store }: ServiceCore): Promise<boolean> {
  const last = await readDocument<{ state: string }>(store, systemTables.run, 'state')
  return last?.document.state !== 'running'
}

/** Logs that the last run crashed, with what is known of why. */
export function logCrash({ log, blockedRun }: ServiceCore): void {
  const next = 'npx tidings status'
  if (blockedRun === undefined) {
    log.warn('The previous run crashed', { next })
    return
  }
  const { work, where, blockedMs } = blockedRun
  const known = work === undefined ? {} : { [work.kind]: work.name, of: work.service, id: work.id }
  log.warn('The previous run was ended because it was blocked', {
    ...known,
    subscriber: work?.subscriber,
    where,
    blockedMs,
    next,
  })
}

/** Records in the store that a run has started, and the first generation of each new read model. */
export async function recordStart(core: ServiceCore): Promise<void> {
  const unit = new UnitOfWork(core.store)
  unit.putDocument(systemTables.run, 'state', { state: 'running' })
  const added = stageGenerations(core, unit)
  const result = await core.commit(unit)
  if (!result.committed) throw new TidingsError('CONFLICT', `Service ${core.service.name} could not record its start.`)
  core.startRun(result.revision)
  settleGenerations(core, added, result.revision)
}

/** Records the first generation of each new read model, where several instances may start at the same time. */
export async function recordGenerations(core: ServiceCore): Promise<void> {
  const unit = new UnitOfWork(core.store)
  const added = stageGenerations(core, unit)
  if (added.length === 0) return
  const result = await core.commit(unit)
  if (result.committed) return settleGenerations(core, added, result.revision)
  await core.generations.refreshAll(core.store, added)
  // Another instance was faster with some of them.
  await recordGenerations(core)
}

// The read models whose state is not stored yet.
function stageGenerations({ readModels, generations }: ServiceCore, unit: UnitOfWork): readonly ReadModel[] {
  const added = readModels.filter((readModel) => generations.revision(readModel) === 0)
  for (const readModel of added) {
    unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision: 0 })
    unit.putDocument(systemTables.readModels, readModel.subscriber, generations.of(readModel))
  }
  return added
}

function settleGenerations({ generations }: ServiceCore, added: readonly ReadModel[], revision: number): void {
  for (const readModel of added) generations.set(readModel, generations.of(readModel), revision)
}

/** Lets a unit of work commit only while no other run has started on this store. */
export function fenceByRun(core: ServiceCore, unit: UnitOfWork): void {
  if (core.runRevision !== undefined) unit.check({ table: systemTables.run, key: 'state', revision: core.runRevision })
}

/** Records in the store that the run has ended cleanly. */
export async function recordEnd(core: ServiceCore): Promise<void> {
  const unit = new UnitOfWork(core.store)
  unit.putDocument(systemTables.run, 'state', { state: 'ended' })
  await core
    .commit(unit)
    .catch((error: unknown) =>
      core.log.warn('The end of the run could not be recorded', { error: describeThrown(error).message }),
    )
}
