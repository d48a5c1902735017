// Lets a service go on where it was with a source that was renamed, or with its own event log if it was renamed itself: moves its checkpoints,
// deferred events and delivery records to the source's new name, before it starts.
// Invariant: what the new name has already is kept; then the old name is left as it is. Checkpoints move last, so a move that was interrupted goes on.

import { TidingsError } from '../../errors/index.ts'
import type { StoredRow } from '../../ports/index.ts'
import { refuseBesideOthers } from '../core/fence.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Checkpoint } from '../delivery/subscription-change.ts'
import { allRows, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** Moves what is stored of sources that have another name now: `renamed` has their old names, by the new ones. */
export async function renameSources(core: ServiceCore, renamed: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, was] of Object.entries(renamed)) {
    const checkpoints = await rowsOf(core, systemTables.checkpoints, (key) => sourceOf(key) === was)
    const known = await rowsOf(core, systemTables.checkpoints, (key) => sourceOf(key) === name)
    // A checkpoint that has heard nothing yet was saved by a start that did not know the old name.
    const taken = new Set(known.filter(hasHeard).map(({ key }) => subscriberOf(key)))
    const moving = checkpoints.filter(({ key }) => !taken.has(subscriberOf(key)))
    if (moving.length === 0) continue
    refuseBesideOthers(core, `Source ${was} becomes ${name}`)
    const subscribers = new Set(moving.map(({ key }) => subscriberOf(key)))
    await moveDeliveries(core, subscribers, was, name)
    const isMoving = (key: string) => subscribers.has(subscriberOf(key)) && sourceOf(key) === was
    const deferred = await rowsOf(core, systemTables.deferred, isMoving)
    const marks = await rowsOf(core, systemTables.marks, isMoving)
    const unit = new UnitOfWork(core.store)
    for (const row of moving) move(unit, systemTables.checkpoints, row, name)
    for (const row of deferred) move(unit, systemTables.deferred, row, name)
    for (const row of marks) move(unit, systemTables.marks, row, name)
    await commit(core, unit, name, was)
    core.log.info('Subscriptions go on under the new name of their source', {
      source: name,
      was,
      subscribers: [...subscribers],
      deferred: deferred.length,
    })
  }
}

// There may be many, so each page is a commit of its own.
async function moveDeliveries(core: ServiceCore, subscribers: ReadonlySet<string>, was: string, name: string) {
  for await (const rows of pagesOfRows(core.store, { table: systemTables.deliveries })) {
    const unit = new UnitOfWork(core.store)
    // Records of retries are kept under the subscriber and "~".
    for (const row of rows)
      if (sourceOf(row.key) === was && subscribers.has(subscriberOf(row.key).replace(/~$/, '')))
        move(unit, systemTables.deliveries, row, name)
    if (unit.hasWrites) await commit(core, unit, name, was)
  }
}

function move(unit: UnitOfWork, table: string, { key, revision, json, schemaVersion }: StoredRow, name: string): void {
  const [subscriber, , ...rest] = key.split('/')
  unit.check({ table, key, revision })
  unit.deleteRow(table, key)
  unit.put(table, [subscriber, name, ...rest].join('/'), { schemaVersion, json, columns: [] })
}

async function commit(core: ServiceCore, unit: UnitOfWork, name: string, was: string): Promise<void> {
  if ((await core.commit(unit)).committed) return
  throw new TidingsError('CONFLICT', `${core.service.name} could not move what it has of ${was} to ${name}.`)
}

async function rowsOf({ store }: ServiceCore, table: string, isWanted: (key: string) => boolean): Promise<StoredRow[]> {
  return (await allRows(store, { table })).filter(({ key }) => isWanted(key))
}

const hasHeard = ({ json }: StoredRow) => (JSON.parse(json) as Checkpoint).epoch !== ''
const subscriberOf = (key: string) => key.slice(0, key.indexOf('/'))
const sourceOf = (key: string) => key.split('/')[1]
