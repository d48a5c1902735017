// Lets a subscriber go on when its number of partitions has changed, before its subscriptions start. Each new partition begins where the slowest of the
// old ones was whose keys it has, and leaves out what the others had passed already. Deferred events move to the partition of their key.
// Invariant: one commit moves checkpoints and deferred events; delivery records move before it, so a move that was interrupted goes on.

import { TidingsError } from '../../errors/index.ts'
import { isInSlots, type Position, type SlotRange, type StoredRow } from '../../ports/index.ts'
import { declaredSubscriber } from '../../services/index.ts'
import { refuseBesideOthers } from '../core/fence.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredRow } from '../delivery/deferred-row.ts'
import { stageRecent } from '../delivery/delivery-log.ts'
import type { Checkpoint, PassedSlots } from '../delivery/subscription-change.ts'
import { allRows, keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { movePlaced } from './newer-handlers.ts'
import { dividedBy, type Partition, partitionsOf } from './partitions.ts'

/** A partition as it was, with its stored checkpoint. */
interface OldPartition extends Partition {
  readonly row: StoredRow
  readonly checkpoint: Checkpoint
}

/** Brings what is stored of each subscriber to the number of partitions that the service declares. */
export async function repartition(core: ServiceCore): Promise<void> {
  const divided = Map.groupBy(core.service.handlers, ({ subscriber, event }) => `${subscriber}/${event.owner}`)
  for (const [first] of divided.values())
    if (first !== undefined) await repartitionOne(core, first.subscriber, first.event.owner)
}

async function repartitionOne(core: ServiceCore, subscriber: string, source: string): Promise<void> {
  const wanted = partitionsOf(core.service, subscriber)
  const names = new Set(wanted.map((partition) => partition.subscriber))
  const old = (await oldPartitions(core, subscriber, source)).filter((partition) => !names.has(partition.subscriber))
  if (old.length === 0) return
  refuseBesideOthers(core, `The partitions of subscriber ${subscriber} change from ${old.length} to ${wanted.length}`)
  refuseTwoEpochs(core, subscriber, source, old)
  await refuseCatchUps(core, subscriber, source, old)
  for (const from of old) await moveDeliveries(core, from, overlapping(wanted, from)[0]?.subscriber ?? '', source)
  const unit = new UnitOfWork(core.store)
  for (const partition of wanted) begin(unit, partition, overlapping(old, partition), source)
  const keysOf = (partitions: readonly Partition[]) => partitions.map((each) => `${each.subscriber}/${source}`)
  await movePlaced(core, unit, keysOf(old), keysOf(wanted))
  const deferred = await moveDeferred(core, unit, old, wanted, source)
  for (const { subscriber: name, row } of old) {
    unit.check({ table: systemTables.checkpoints, key: row.key, revision: row.revision })
    unit.deleteRow(systemTables.checkpoints, row.key)
    await deleteUnder(core, unit, systemTables.marks, `${name}/${source}/`)
    for (const { key } of await rowsUnder(core, systemTables.checkpoints, `${name}.catch-up.`))
      if (key.endsWith(`/${source}`)) unit.deleteRow(systemTables.checkpoints, key)
  }
  if (!(await core.commit(unit)).committed)
    throw new TidingsError('CONFLICT', `Subscriber ${subscriber} of ${core.service.name} could not be divided.`)
  core.log.info('A subscriber has another number of partitions', {
    subscriber,
    source,
    from: old.length,
    to: wanted.length,
    deferred,
  })
}

/** The partitions of which something is stored, whatever their number was. */
async function oldPartitions(core: ServiceCore, subscriber: string, source: string): Promise<readonly OldPartition[]> {
  const rows = [
    ...(await rowsUnder(core, systemTables.checkpoints, `${subscriber}/`)),
    ...(await rowsUnder(core, systemTables.checkpoints, `${subscriber}.`)),
  ]
  return rows.flatMap((row): readonly OldPartition[] => {
    const [name = '', of] = row.key.split('/')
    if (of !== source || name.includes('.catch-up.') || declaredSubscriber(name) !== subscriber) return []
    const count = Number(/-of-(\d+)$/.exec(name)?.[1] ?? 1)
    const partition = dividedBy(subscriber, count).find((other) => other.subscriber === name)
    return partition === undefined ? [] : [{ ...partition, row, checkpoint: JSON.parse(row.json) as Checkpoint }]
  })
}

function overlapping<P extends Partition>(partitions: readonly P[], { slots }: Partition): readonly P[] {
  return partitions.filter((other) => intersection(other.slots, slots) !== undefined)
}

function intersection(a: SlotRange, b: SlotRange): SlotRange | undefined {
  const range = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }
  return range.from < range.to ? range : undefined
}

// Writes the checkpoint of a new partition, and those of handlers that have caught up.
function begin(unit: UnitOfWork, partition: Partition, old: readonly OldPartition[], source: string): void {
  const [slowest] = old.toSorted((a, b) => (a.checkpoint.position < b.checkpoint.position ? -1 : 1))
  if (slowest === undefined) return
  const { position, epoch, heard } = slowest.checkpoint
  const handlers: Record<string, Position> = {}
  for (const { checkpoint } of old)
    for (const [name, since] of Object.entries(checkpoint.handlers))
      handlers[name] = (handlers[name] ?? '') > since ? (handlers[name] ?? '') : since
  const passed = old.flatMap((other) => passedIn(partition, other)).filter(({ upTo }) => upTo > position)
  const checkpoint: Checkpoint = {
    position,
    epoch: epoch === '' ? (old.find((other) => other.checkpoint.epoch !== '')?.checkpoint.epoch ?? '') : epoch,
    handlers,
    batches: Math.max(...old.map((other) => other.checkpoint.batches)),
    ...(heard === undefined ? {} : { heard }),
    ...(passed.length === 0 ? {} : { passed }),
  }
  unit.putDocument(systemTables.checkpoints, `${partition.subscriber}/${source}`, checkpoint)
  // A handler that was added later has caught up everywhere: it is not to begin again.
  for (const [name, since] of Object.entries(handlers)) {
    if (since === '') continue
    const caughtUp: Checkpoint = { position: since, epoch: checkpoint.epoch, handlers: {}, batches: 0 }
    unit.putDocument(systemTables.checkpoints, `${partition.subscriber}.catch-up.${name}/${source}`, caughtUp)
  }
}

// What an old partition has passed of the slots of a new one.
function passedIn({ slots }: Partition, old: OldPartition): readonly PassedSlots[] {
  const { position, passed = [] } = old.checkpoint
  return [{ ...old.slots, upTo: position }, ...passed].flatMap(({ upTo, ...range }) => {
    const own = intersection(range, slots)
    return own === undefined || upTo === '' ? [] : [{ ...own, upTo }]
  })
}

async function moveDeferred(
  core: ServiceCore,
  unit: UnitOfWork,
  old: readonly Partition[],
  wanted: readonly Partition[],
  source: string,
): Promise<number> {
  let moved = 0
  for (const { subscriber } of old)
    for (const { key, json, revision, schemaVersion } of await rowsUnder(
      core,
      systemTables.deferred,
      `${subscriber}/${source}/`,
    )) {
      const event = JSON.parse(json) as DeferredRow
      const partition = wanted.find(({ slots }) => isInSlots(event.ownKey ?? event.key, slots))
      unit.check({ table: systemTables.deferred, key, revision })
      unit.deleteRow(systemTables.deferred, key)
      const position = key.slice(key.lastIndexOf('/') + 1)
      unit.put(systemTables.deferred, `${partition?.subscriber}/${source}/${position}`, {
        schemaVersion,
        json,
        columns: [],
      })
      moved++
    }
  return moved
}

// There may be many, so each page is a commit of its own. Records of retries are kept under the subscriber and "~". An event is found by its position, in
// whatever partition, so the first one takes them all.
async function moveDeliveries(core: ServiceCore, from: OldPartition, to: string, source: string): Promise<void> {
  for (const end of ['', '~']) {
    const prefix = `${from.subscriber}${end}/${source}/`
    for await (const rows of pagesOfRows(core.store, { table: systemTables.deliveries, ...keysUnder(prefix) })) {
      const unit = new UnitOfWork(core.store)
      for (const { key, json, schemaVersion } of rows) {
        unit.deleteRow(systemTables.deliveries, key)
        unit.put(systemTables.deliveries, `${to}${end}/${source}/${key.slice(prefix.length)}`, {
          schemaVersion,
          json,
          columns: [],
        })
      }
      await core.commit(unit)
    }
  }
  const unit = new UnitOfWork(core.store)
  stageRecent(unit, to, source, from.checkpoint)
  if (unit.hasWrites) await core.commit(unit)
}

async function deleteUnder(core: ServiceCore, unit: UnitOfWork, table: string, prefix: string): Promise<void> {
  for (const { key } of await rowsUnder(core, table, prefix)) unit.deleteRow(table, key)
}

function rowsUnder({ store }: ServiceCore, table: string, prefix: string): Promise<readonly StoredRow[]> {
  return allRows(store, { table, ...keysUnder(prefix) })
}

function refuseTwoEpochs(core: ServiceCore, subscriber: string, source: string, old: readonly OldPartition[]): void {
  const epochs = new Set(old.map(({ checkpoint }) => checkpoint.epoch).filter((epoch) => epoch !== ''))
  if (epochs.size <= 1) return
  throw new TidingsError(
    'EPOCH_CHANGED',
    `The partitions of subscriber ${subscriber} of ${core.service.name} have read two histories of ${source}, so their number cannot change now.`,
    {
      hint: `Start with ${old.length} partitions, accept the history with \`tidings accept\`, and change the number then.`,
    },
  )
}

async function refuseCatchUps(
  core: ServiceCore,
  subscriber: string,
  source: string,
  old: readonly OldPartition[],
): Promise<void> {
  for (const { subscriber: name, checkpoint } of old)
    for (const [handler, since] of Object.entries(checkpoint.handlers)) {
      const key = `${name}.catch-up.${handler}/${source}`
      const row = since === '' ? undefined : await core.store.get(systemTables.checkpoints, key)
      if (row === undefined) continue
      const isThere = (JSON.parse(row.json) as Checkpoint).position >= since
      const [deferred] = await rowsUnder(core, systemTables.deferred, `${key}/`)
      if (isThere && deferred === undefined) continue
      throw new TidingsError(
        'CONFLICT',
        `Handler ${handler} of ${core.service.name} still catches up, so the number of partitions of subscriber ${subscriber} cannot change now.`,
        { hint: `Start with ${old.length} partitions, and change the number when it has caught up.` },
      )
    }
}
