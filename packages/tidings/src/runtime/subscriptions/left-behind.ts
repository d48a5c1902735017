// Deferred events of subscribers that are no longer declared: nobody retries them, so operators have to see them.
// Invariant: they stay in the store. Those of read models are left out: a read model under another name hears the whole history again.

import type { Store, StoredRow } from '../../ports/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { DeferredEvent } from '../delivery/deferred-event.ts'
import { type DeferredRow, fromRow } from '../delivery/deferred-row.ts'
import type { Subscription } from '../delivery/subscription.ts'
import { standing, storedProcesses } from '../process-managers/process-instance.ts'
import { effectQueue, timerQueue } from '../schedule/scheduled-item.ts'
import { keysUnder, pagesOfRows } from '../unit-of-work/pages-of-rows.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** The deferred events of a subscription that is no longer declared. */
export interface LeftBehind {
  readonly subscriber: string
  readonly source: string
  readonly events: readonly DeferredEvent[]
}

const ofReadModels = /^(?:rebuild|projection|replica)\./

/**
 * Finds them, and says so in the log.
 *
 * @param ignored - matches subscribers that only a running service declares.
 */
export async function findLeftBehind(
  core: ServiceCore,
  declared: readonly Subscription[],
  ignored = /^$/,
): Promise<readonly LeftBehind[]> {
  const known = new Set(declared.map(({ key }) => key))
  const found = new Map<string, DeferredEvent[]>()
  const isLeft = (subscription: string) =>
    !known.has(subscription) && !ofReadModels.test(subscription) && !ignored.test(subscription)
  for await (const { key, json } of deferredOf(core.store, isLeft)) {
    const subscription = subscriptionOf(key)
    const events = found.get(subscription) ?? []
    events.push(fromRow(JSON.parse(json) as DeferredRow, 'key'))
    found.set(subscription, events)
  }
  await sayWhatNobodyHandles(core, declared)
  await sayWhichInstancesAreLeft(core)
  return [...found].map(([subscription, events]) => {
    const at = subscription.lastIndexOf('/')
    const left = { subscriber: subscription.slice(0, at), source: subscription.slice(at + 1), events }
    core.log.warn('Deferred events are kept for a subscriber that no longer exists', {
      subscriber: left.subscriber,
      source: left.source,
      events: events.length,
      next: `npx tidings dead list --all --subscriber ${left.subscriber}`,
    })
    return left
  })
}

const subscriptionOf = (key: string) => key.slice(0, key.lastIndexOf('/'))

// Goes from subscription to subscription: those that are declared have read what they deferred, which may be a lot.
async function* deferredOf(store: Store, isWanted: (subscription: string) => boolean): AsyncGenerator<StoredRow> {
  const table = systemTables.deferred
  for (let fromKey = ''; ; ) {
    const [first] = await store.find({ table, fromKey, limit: 1 })
    if (first === undefined) return
    const range = keysUnder(`${subscriptionOf(first.key)}/`)
    if (isWanted(subscriptionOf(first.key)))
      for await (const rows of pagesOfRows(store, { table, ...range })) yield* rows
    fromKey = range.toKey
  }
}

/** Gives up deferred events that a subscriber has left behind; returns what remains. */
export async function giveUpLeftBehind(
  core: ServiceCore,
  all: readonly LeftBehind[],
  isChosen: (left: LeftBehind, event: DeferredEvent) => boolean,
): Promise<readonly LeftBehind[]> {
  const unit = new UnitOfWork(core.store)
  const remaining = all.map((left) => ({ ...left, events: left.events.filter((event) => !isChosen(left, event)) }))
  for (const left of all)
    for (const event of left.events)
      if (isChosen(left, event))
        unit.deleteRow(systemTables.deferred, `${left.subscriber}/${left.source}/${event.position}`)
  if (unit.hasWrites) await core.commit(unit)
  return remaining.filter(({ events }) => events.length > 0)
}

// Running instances of process managers that are no longer declared.
async function sayWhichInstancesAreLeft({ store, service, log }: ServiceCore): Promise<void> {
  const declared = new Set(service.processes.map(({ name }) => name))
  for (const process of await storedProcesses(store)) {
    if (declared.has(process)) continue
    const index = { column: 'standing', equals: standing(process, 'running') }
    const [first] = await store.find({ table: systemTables.processes, index, limit: 1 })
    if (first === undefined) continue
    log.warn('Instances are kept of a process manager that no longer exists', {
      process,
      hint: `If it was renamed, declare \`was: '${process}'\` where it has its new name, before that starts for the first time.`,
      next: `npx tidings process list --process ${process} --state running`,
    })
  }
}

// Timers and effects that came due for a subscriber or an effect that is no longer declared. They stay in their queue.
async function sayWhatNobodyHandles(core: ServiceCore, declared: readonly Subscription[]): Promise<void> {
  const handled = new Set(
    declared.map(({ kind, subscriber }) =>
      kind === 'timers' ? timerQueue(subscriber) : effectQueue(subscriber.slice('effect.'.length)),
    ),
  )
  const queues = await core.store.find({ table: systemTables.queueHeads, limit: 1_000 })
  for (const { key: queue } of queues) {
    if (handled.has(queue)) continue
    const [first] = await core.store.find({
      table: systemTables.queues,
      ...keysUnder(`${queue}/`),
      limit: 1,
    })
    if (first === undefined) continue
    const [kind = '', ...name] = queue.split('.')
    const what =
      kind === 'effects'
        ? 'Requested effects are kept that nothing performs'
        : 'Due timers are kept that nothing handles'
    core.log.warn(what, { [kind === 'effects' ? 'effect' : 'subscriber']: name.join('.'), next: `npx tidings ${kind}` })
  }
}
