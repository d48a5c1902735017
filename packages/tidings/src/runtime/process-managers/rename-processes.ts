// Lets a process manager that was renamed take over everything that is stored under its old name, before its service starts: instances, histories,
// facts, snapshots, timers, shapes of versions, and its name in deferred events. Its subscriber is renamed like any other.
// Invariant: what was begun is noted first, so a start that was interrupted goes on at the next one, whatever is declared by then.

import { TidingsError } from '../../errors/index.ts'
import type { ColumnValue, StoredRow } from '../../ports/index.ts'
import type { ProcessDeclaration } from '../../services/index.ts'
import { refuseBesideOthers } from '../core/fence.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredRow } from '../delivery/deferred-row.ts'
import { scheduleSources } from '../delivery-readers/schedule-reader.ts'
import { type ScheduledItem, timerId, timerQueue } from '../schedule/scheduled-item.ts'
import { readScheduled, writeScheduled } from '../schedule/scheduled-row.ts'
import { keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { keptShapesTable, readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { instanceKey, type ProcessInstance, standing } from './process-instance.ts'

/** A rename that was begun, as it is noted. */
interface Renaming {
  readonly was: string
  /** The subscriber whose queue of timers becomes that of the process's own; `undefined` if the queue stays. */
  readonly queueOf: string | undefined
}

/** A rename under way. */
interface Names extends Renaming {
  readonly name: string
  readonly subscriber: string
}

/** Renames what is stored of process managers that say what they were. Throws `DUPLICATE_NAME` if there are instances under both names. */
export async function renameProcesses(core: ServiceCore): Promise<void> {
  for (const manager of core.service.processes) {
    const { name, subscriber } = manager
    const noted = (await readDocument<Renaming>(core.store, systemTables.run, noteKey(name)))?.document
    const renaming = noted ?? (await begin(core, manager))
    if (renaming === undefined) continue
    const names = { ...renaming, name, subscriber }
    await core.store.renameCategory(names.was, name)
    await moveInstances(core, names)
    await moveTimers(core, names)
    await moveShapes(core, names)
    await renameInDeferred(core, names)
    await finish(core, names)
    core.log.info('A process manager goes on under its new name', { process: name, was: names.was })
  }
}

const noteKey = (name: string) => `renaming/${name}`

async function begin(core: ServiceCore, { name, subscriber, was }: ProcessDeclaration): Promise<Renaming | undefined> {
  if (was === undefined || !(await hasInstances(core, was))) return undefined
  if (await hasInstances(core, name)) throw bothHaveInstances(core.service.name, name, was)
  refuseBesideOthers(core, `Process manager ${was} becomes ${name}`)
  const old = core.service.oldSubscribers[subscriber]
  const isFree = (await core.store.get(systemTables.queueHeads, timerQueue(subscriber))) === undefined
  const renaming: Renaming = { was, queueOf: old === was && isFree ? old : undefined }
  const unit = new UnitOfWork(core.store)
  unit.putDocument(systemTables.run, noteKey(name), renaming)
  await commit(core, unit, name)
  return renaming
}

async function hasInstances({ store }: ServiceCore, process: string): Promise<boolean> {
  return (await store.find({ table: systemTables.processes, ...keysUnder(`${process}/`), limit: 1 })).length > 0
}

function bothHaveInstances(service: string, name: string, was: string): TidingsError {
  return new TidingsError(
    'DUPLICATE_NAME',
    `Process ${name} of ${service} says that it was ${was}, but there are instances of both, so it cannot take over those of ${was}.`,
    {
      hint: `It has started without \`was\` before. Restore a backup from before that start; or leave \`was\` out, and declare ${was} beside it until its instances have ended.`,
    },
  )
}

async function moveInstances(core: ServiceCore, { name, was }: Names): Promise<void> {
  const under = keysUnder(`${was}/`)
  const moved = ({ key, json }: StoredRow) => ({ key: `${name}${key.slice(was.length)}`, json, columns: [] })
  await rewrite(core, name, { table: systemTables.processSteps, ...under }, moved)
  await rewrite(core, name, { table: systemTables.snapshots, ...under }, moved)
  await rewrite(core, name, { table: systemTables.processes, ...under }, ({ json }) => {
    const instance: ProcessInstance = { ...(JSON.parse(json) as ProcessInstance), process: name }
    return {
      key: instanceKey(name, instance.key),
      json: JSON.stringify(instance),
      columns: [standing(name, instance.state)],
    }
  })
}

// Timers that are set, and those that have come due. If the queue is renamed too, all that it has keeps its place there.
async function moveTimers(core: ServiceCore, names: Names): Promise<void> {
  await rewrite(core, names.name, { table: systemTables.schedule, ...keysUnder('timer/') }, (stored) => {
    const row = readScheduled(stored)
    const item = renamedItem(names, row.item)
    if (item === row.item) return { ...stored, columns: [] }
    return { key: item.id, ...writeScheduled({ ...row, item }) }
  })
  const due = { table: systemTables.queues, fromKey: timerQueue(''), toKey: 'timers/' }
  await rewrite(core, names.name, due, ({ key, json }) => {
    const item = renamedItem(names, JSON.parse(json) as ScheduledItem)
    return { key: `${item.queue}${key.slice(key.lastIndexOf('/'))}`, json: JSON.stringify(item), columns: [] }
  })
  const { name, subscriber, queueOf } = names
  if (queueOf === undefined) return
  for (const retried of ['', '~']) {
    const before = `${queueOf}${retried}/${scheduleSources.timer}/`
    await rewrite(core, name, { table: systemTables.deliveries, ...keysUnder(before) }, ({ key, json }) => ({
      key: `${subscriber}${key.slice(queueOf.length)}`,
      json,
      columns: [],
    }))
  }
}

function renamedItem({ name, was, subscriber, queueOf }: Names, item: ScheduledItem): ScheduledItem {
  const owner = item.owner === was ? name : item.owner
  const queue = queueOf !== undefined && item.queue === timerQueue(queueOf) ? timerQueue(subscriber) : item.queue
  if (owner === item.owner && queue === item.queue) return item
  return { ...item, id: timerId(owner, item.name, item.key), owner, queue }
}

async function moveShapes(core: ServiceCore, { name, was }: Names): Promise<void> {
  if (!(await core.store.tableNames()).includes(keptShapesTable)) return
  for (const kind of ['fact', 'timer']) {
    const prefix = `${kind}/${was}/`
    await rewrite(core, name, { table: keptShapesTable, ...keysUnder(prefix) }, ({ key, json }) => ({
      key: `${kind}/${name}/${key.slice(prefix.length)}`,
      json,
      columns: [],
    }))
  }
}

// A deferred event names the inputs that it is for, and the instances that it holds up; a deferred timer is known by its owner.
async function renameInDeferred(core: ServiceCore, { name, was, subscriber, queueOf }: Names): Promise<void> {
  const renamed = (text: string, prefix: string, by: string) =>
    text.startsWith(prefix) ? `${by}${text.slice(prefix.length)}` : text
  await rewrite(core, name, { table: systemTables.deferred }, ({ key, json }) => {
    const row = JSON.parse(json) as DeferredRow
    if (key.split('/')[1] !== scheduleSources.timer) {
      const handlers = row.handlers?.map((handler) => renamed(handler, `${was}.`, `${name}.`))
      const keys = row.keys?.map((each) => renamed(each, `${was}/`, `${name}/`))
      const changed = { ...row, ...(handlers && { handlers }), ...(keys && { keys }) }
      return { key, json: JSON.stringify(changed), columns: [] }
    }
    const changed: DeferredRow = {
      ...row,
      id: renamed(row.id, `timer/${was}/`, `timer/${name}/`),
      type: renamed(row.type, `${was}.`, `${name}.`),
      key: renamed(row.key, `${was}/`, `${name}/`),
    }
    const place = queueOf === undefined ? key : renamed(key, `${queueOf}/`, `${subscriber}/`)
    return { key: place, json: JSON.stringify(changed), columns: [] }
  })
}

// How far the queue was filled and handled moves last, with the note that there is something to do.
async function finish(core: ServiceCore, { name, subscriber, queueOf }: Names): Promise<void> {
  const unit = new UnitOfWork(core.store)
  unit.deleteRow(systemTables.run, noteKey(name))
  const move = async (table: string, from: string, to: string) => {
    const row = await core.store.get(table, from)
    if (row === undefined) return
    unit.deleteRow(table, from)
    unit.put(table, to, { schemaVersion: row.schemaVersion, json: row.json, columns: [] })
  }
  if (queueOf !== undefined) {
    await move(systemTables.queueHeads, timerQueue(queueOf), timerQueue(subscriber))
    const { timer } = scheduleSources
    await move(systemTables.checkpoints, `${queueOf}/${timer}`, `${subscriber}/${timer}`)
  }
  await commit(core, unit, name)
}

interface Rewritten {
  readonly key: string
  readonly json: string
  readonly columns: readonly ColumnValue[]
  /** Default: that of the row. */
  readonly schemaVersion?: number
}

// There may be many rows, so each page is a commit of its own. Rows that stay as they are, are not written.
async function rewrite(
  core: ServiceCore,
  process: string,
  range: { readonly table: string; readonly fromKey?: string; readonly toKey?: string },
  change: (row: StoredRow) => Rewritten,
): Promise<void> {
  const { table } = range
  for await (const rows of pagesOfRows(core.store, range)) {
    const unit = new UnitOfWork(core.store)
    for (const row of rows) {
      const { key, json, columns, schemaVersion = row.schemaVersion } = change(row)
      if (key === row.key && json === row.json) continue
      unit.check({ table, key: row.key, revision: row.revision })
      if (key !== row.key) unit.deleteRow(table, row.key)
      unit.put(table, key, { schemaVersion, json, columns })
    }
    if (unit.hasWrites) await commit(core, unit, process)
  }
}

async function commit(core: ServiceCore, unit: UnitOfWork, process: string): Promise<void> {
  if ((await core.commit(unit)).committed) return
  throw new TidingsError('CONFLICT', `Process ${process} of ${core.service.name} could not be renamed.`)
}
