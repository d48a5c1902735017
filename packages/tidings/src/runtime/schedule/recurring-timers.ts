// Sets the recurring timers that a service declares, when it starts: new ones are set, changed ones replaced, and removed when they are no longer
// declared. Invariant: an occurrence that is due already is not lost when the time is changed.

import { parseCron } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { defaultSubscriber, type ScheduledItem, serviceTimers, timerId, timerQueue } from './scheduled-item.ts'
import { readScheduled } from './scheduled-row.ts'
import { putClaimed, putItem } from './set-timer.ts'

type Every = NonNullable<ScheduledItem['every']>
type Declared = Readonly<Record<string, Every>>

/** The key of the row that has the declared timers. */
const keptUnder = 'timers'

/** Makes the schedule fit the recurring timers that the service declares. */
export async function setRecurringTimers(core: ServiceCore): Promise<void> {
  const declared: Declared = Object.fromEntries(
    Object.entries(core.service.timers).flatMap(([name, { every }]) => (every === undefined ? [] : [[name, every]])),
  )
  for (let tries = 0; tries <= core.service.limits.conflictRetriesMax; tries++) {
    const kept = await readDocument<Declared>(core.store, systemTables.run, keptUnder)
    if (kept === undefined && Object.keys(declared).length === 0) return
    const unit = new UnitOfWork(core.store)
    unit.check({ table: systemTables.run, key: keptUnder, revision: kept?.revision ?? 0 })
    const known = kept?.document ?? {}
    for (const name of Object.keys(known))
      if (!Object.hasOwn(declared, name)) unit.deleteRow(systemTables.schedule, idOf(name))
    for (const [name, every] of Object.entries(declared)) {
      if (!Object.hasOwn(known, name)) await cancelOthers(core, unit, name)
      await setOne(core, unit, name, every)
    }
    if (JSON.stringify(known) !== JSON.stringify(declared)) unit.putDocument(systemTables.run, keptUnder, declared)
    if (!unit.hasWrites || (await core.commit(unit)).committed) return
  }
  throw new TidingsError('CONFLICT', `Service ${core.service.name} could not set its recurring timers.`)
}

function idOf(name: string): string {
  return timerId(serviceTimers, name, name)
}

async function setOne(core: ServiceCore, unit: UnitOfWork, name: string, every: Every): Promise<void> {
  const now = core.environment.clock.now()
  const next = () => parseCron(every.cron, every.timeZone).next(now)
  const row = await unit.get(systemTables.schedule, idOf(name))
  if (row === undefined) return putItem(unit, newItem(core, name, every, next()))
  const kept = readScheduled({ key: idOf(name), json: row.json })
  const { item } = kept
  if (item.every?.cron === every.cron && item.every.timeZone === every.timeZone) return
  const changed: ScheduledItem = { ...item, every }
  if (!('claimed' in kept)) return putItem(unit, { ...changed, dueAt: item.dueAt <= now ? item.dueAt : next() })
  putClaimed(unit, kept.claimed, changed)
}

function newItem(core: ServiceCore, name: string, every: Every, dueAt: number): ScheduledItem {
  const { clock, ids } = core.environment
  const id = ids.next()
  return {
    kind: 'timer',
    id: idOf(name),
    owner: serviceTimers,
    name,
    key: name,
    queue: timerQueue(defaultSubscriber),
    dueAt,
    version: 1,
    data: 'null',
    every,
    declared: true,
    origin: {
      correlationId: id,
      causationId: id,
      causedBy: `service/${core.service.name}`,
      principal: null,
      tenant: null,
      traceparent: null,
      tracestate: null,
      occurredAt: clock.now(),
    },
  }
}

// A timer of this name that functions have set before would go on beside the declared one.
async function cancelOthers(core: ServiceCore, unit: UnitOfWork, name: string): Promise<void> {
  const range = { table: systemTables.schedule, ...keysUnder(timerId(serviceTimers, name, '')) }
  for await (const rows of pagesOfRows(core.store, range))
    for (const { key } of rows) unit.deleteRow(systemTables.schedule, key)
}
