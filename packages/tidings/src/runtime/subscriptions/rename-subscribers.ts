// Lets a subscriber that was renamed go on where it was: moves its checkpoints and deferred events to its new name, before it starts.
// Invariant: what the new name has already is kept; then the old name is left as it is.

import { TidingsError } from '../../errors/index.ts'
import type { StoredRow } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** Moves what is stored of subscribers that were renamed, and of the handlers in them that catch up. */
export async function renameSubscribers(core: ServiceCore): Promise<void> {
  for (const [name, was] of Object.entries(core.service.oldSubscribers)) {
    const rows = { checkpoints: await rowsOf(core, 'checkpoints', was), deferred: await rowsOf(core, 'deferred', was) }
    if (rows.checkpoints.length + rows.deferred.length === 0) continue
    if ((await rowsOf(core, 'checkpoints', name)).length > 0) continue
    const unit = new UnitOfWork(core.store)
    for (const table of ['checkpoints', 'deferred'] as const)
      for (const { key, revision, json } of rows[table]) {
        unit.check({ table: systemTables[table], key, revision })
        unit.deleteRow(systemTables[table], key)
        unit.put(systemTables[table], `${name}${key.slice(was.length)}`, { schemaVersion: 1, json, columns: [] })
      }
    if (!(await core.commit(unit)).committed)
      throw new TidingsError('CONFLICT', `Subscriber ${was} of ${core.service.name} could not be renamed to ${name}.`)
    core.log.info('A subscriber goes on under its new name', { subscriber: name, was, deferred: rows.deferred.length })
  }
}

// Keys begin with the subscriber and "/", or, for handlers that catch up, with the subscriber and ".catch-up.".
async function rowsOf(core: ServiceCore, table: 'checkpoints' | 'deferred', subscriber: string): Promise<StoredRow[]> {
  const found: StoredRow[] = []
  const catchUps = { fromKey: `${subscriber}.catch-up.`, toKey: `${subscriber}.catch-up/` }
  // The subscription to the timers of the old name stays: those that were set under it come due there.
  for (const range of [catchUps, keysUnder(`${subscriber}/`)])
    for await (const rows of pagesOfRows(core.store, { table: systemTables[table], ...range }))
      found.push(...rows.filter(({ key }) => !key.includes('/~')))
  return found
}
