// Deletes answers that were kept under idempotency keys for longer than the service declares. It runs beside the commands, a few rows at a
// time. Invariant: an answer is kept for at least that long; a later repetition is a new command.

import type { RowQuery } from '../../ports/index.ts'
import { fenceByRun } from '../core/run-marker.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { WorkLoop } from '../core/work-loop.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

const dayMs = 86_400_000
const idleMs = 3_600_000
/** The most rows of one commit, and the pause before the next: so the commands in between wait for a few milliseconds at most. */
const batchCount = 200
const pauseMs = 50

/** Where the run marker's table says since when answers of earlier builds count as kept: they have no time of their own. */
const earlierSinceKey = 'earlier-answers'

/** Deletes old answers until it is closed; `undefined` if the service keeps them for ever. */
export function answerPruning(core: ServiceCore): WorkLoop | undefined {
  const { idempotencyKeepDays } = core.service
  if (idempotencyKeepDays === undefined) return undefined
  return new WorkLoop(core, {
    failing: 'Old answers under idempotency keys are not deleted for now',
    resuming: 'Old answers under idempotency keys are deleted again',
    pass: async () => ((await pruneAnswers(core, idempotencyKeepDays * dayMs)) ? pauseMs : idleMs),
  })
}

/** Deletes at most one batch of answers that are older than `keepMs`; returns whether there may be more. */
export async function pruneAnswers(core: ServiceCore, keepMs: number): Promise<boolean> {
  const olderThan = core.environment.clock.now() - keepMs
  const rows = await core.store.find({ table: systemTables.answers, index: { column: 'at' }, limit: batchCount })
  const old = rows.filter(({ json }) => (JSON.parse(json) as { readonly at: number }).at < olderThan)
  if (old.length > 0) await remove(core, systemTables.answers, old)
  return old.length === batchCount || (await pruneEarlier(core, olderThan))
}

// Builds before layout 2 kept answers without their time, so these count from when this build first saw them.
async function pruneEarlier(core: ServiceCore, olderThan: number): Promise<boolean> {
  if (!core.hasEarlierAnswers) return false
  const since = await readDocument<{ readonly since: number }>(core.store, systemTables.run, earlierSinceKey)
  if (since === undefined) {
    const unit = new UnitOfWork(core.store)
    unit.putDocument(systemTables.run, earlierSinceKey, { since: core.environment.clock.now() })
    await core.commit(unit)
    return false
  }
  if (since.document.since >= olderThan) return false
  const query: RowQuery = { table: systemTables.commands, limit: batchCount }
  const rows = await core.store.find(query)
  if (rows.length > 0) await remove(core, systemTables.commands, rows)
  core.hasEarlierAnswers = rows.length === batchCount
  return core.hasEarlierAnswers
}

async function remove(core: ServiceCore, table: string, rows: readonly { readonly key: string }[]): Promise<void> {
  const unit = new UnitOfWork(core.store)
  fenceByRun(core, unit)
  for (const { key } of rows) unit.deleteRow(table, key)
  await core.commit(unit)
}
