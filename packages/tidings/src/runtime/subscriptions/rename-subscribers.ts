// Lets a subscriber that was renamed go on where it was, and a handler that catches up, before they start: moves checkpoints, deferred events, marks
// and delivery records to the new name. Invariant: what the new name has already is kept; then the old name is left as it is. Checkpoints move last,
// so a move that was interrupted goes on.

import { TidingsError } from '../../errors/index.ts'
import type { StoredRow } from '../../ports/index.ts'
import type { Service } from '../../services/index.ts'
import { refuseBesideOthers } from '../core/fence.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { allRows, keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { movePlaced } from './newer-handlers.ts'

interface Renamed {
  readonly name: string
  readonly was: string
  /** What follows the name in the keys of its rows. */
  readonly ends: readonly string[]
}

/** Moves what is stored of subscribers that were renamed, and of handlers in them that were renamed and catch up. */
export async function renameSubscribers(core: ServiceCore): Promise<void> {
  for (const renamed of subscribersOf(core.service)) {
    const deferred = await move(core, renamed)
    if (deferred === undefined) continue
    const { name, was } = renamed
    core.log.info('A subscriber goes on under its new name', { subscriber: name, was, deferred })
  }
  for (const renamed of catchUpsOf(core.service)) await move(core, renamed)
}

// Keys begin with the subscriber and "/", or, for its partitions and for handlers that catch up, with the subscriber and ".".
function subscribersOf({ oldSubscribers }: Service): readonly Renamed[] {
  return Object.entries(oldSubscribers).map(([name, was]) => ({ name, was, ends: ['/', '.'] }))
}

// Handlers catch up by themselves, under their names; the inputs of a process manager together, under its name and a position.
function catchUpsOf({ handlers }: Service): readonly Renamed[] {
  return handlers.flatMap(({ name, was, subscriber, process: manager }): readonly Renamed[] => {
    if (was === undefined) return []
    const under = `${subscriber}.catch-up.`
    return manager === undefined
      ? [{ name: `${under}${name}`, was: `${under}${was}`, ends: ['/'] }]
      : [{ name: `${under}${manager.name}`, was: `${under}${manager.was}`, ends: ['.'] }]
  })
}

/** Returns how many deferred events it has moved; `undefined` if there was nothing to move. */
async function move(core: ServiceCore, renamed: Renamed): Promise<number | undefined> {
  const { name } = renamed
  const tables = ['checkpoints', 'deferred', 'marks'] as const
  const rows = await Promise.all(tables.map((table) => rowsOf(core, systemTables[table], renamed)))
  const [checkpoints = [], deferred = []] = rows
  if (checkpoints.length + deferred.length === 0) return undefined
  if ((await rowsOf(core, systemTables.checkpoints, { ...renamed, was: name })).length > 0) return undefined
  refuseBesideOthers(core, `Subscriber ${renamed.was} becomes ${name}`)
  await moveDeliveries(core, renamed)
  const unit = new UnitOfWork(core.store)
  for (const [index, table] of tables.entries())
    for (const row of rows[index] ?? []) moveRow(unit, systemTables[table], row, renamed)
  for (const { key } of checkpoints) await movePlaced(core, unit, [key], [`${name}${key.slice(renamed.was.length)}`])
  await commit(core, unit, renamed)
  return deferred.length
}

// There may be many, so each page is a commit of its own. Records of retries are kept under the subscriber and "~".
async function moveDeliveries(core: ServiceCore, renamed: Renamed): Promise<void> {
  for (const end of [...renamed.ends, '~/'])
    for await (const rows of pagesOfRows(core.store, {
      table: systemTables.deliveries,
      ...keysUnder(`${renamed.was}${end}`),
    })) {
      const unit = new UnitOfWork(core.store)
      for (const row of rows) if (isOfEvents(row)) moveRow(unit, systemTables.deliveries, row, renamed)
      if (unit.hasWrites) await commit(core, unit, renamed)
    }
}

function moveRow(unit: UnitOfWork, table: string, row: StoredRow, { name, was }: Renamed): void {
  const { key, revision, json, schemaVersion } = row
  unit.check({ table, key, revision })
  unit.deleteRow(table, key)
  unit.put(table, `${name}${key.slice(was.length)}`, { schemaVersion, json, columns: [] })
}

async function rowsOf(core: ServiceCore, table: string, { was, ends }: Renamed): Promise<StoredRow[]> {
  const found: StoredRow[] = []
  for (const end of ends)
    found.push(...(await allRows(core.store, { table, ...keysUnder(`${was}${end}`) })).filter(isOfEvents))
  return found
}

// The subscription to the timers of the old name stays: those that were set under it come due there.
const isOfEvents = ({ key }: StoredRow) => !key.includes('/~')

async function commit(core: ServiceCore, unit: UnitOfWork, { name, was }: Renamed): Promise<void> {
  if ((await core.commit(unit)).committed) return
  throw new TidingsError('CONFLICT', `Subscriber ${was} of ${core.service.name} could not be renamed to ${name}.`)
}
