// The subscriptions of a service's handlers: one per subscriber and source. Handlers that were added later catch up first.

import { retryOf, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { NamedHandler } from '../../services/index.ts'
import { withTimeout } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { newerCodeMissing } from '../delivery/newer-code-missing.ts'
import { Subscription } from '../delivery/subscription.ts'
import type { Checkpoint } from '../delivery/subscription-change.ts'
import { eventReader } from '../delivery-readers/event-reader.ts'
import { readDocument, systemTables } from '../unit-of-work/system-tables.ts'
import { LateStart, readOnceStarted, readUnpassed, readUpTo } from './bounded-readers.ts'
import { deferralOf } from './deferral-place.ts'
import { isPlacedAnew, NewerHandlers, notePlaced, type PlacedHandlers, placedHandlers } from './newer-handlers.ts'
import { type Partition, partitionsOf, slotsToRead } from './partitions.ts'
import { StartedHandlers } from './started-handlers.ts'
import { type DoesGroup, handlersGroup } from './work-groups.ts'

/** A subscription, and those that have to catch up with it before it continues. */
export interface HandlerSubscription {
  readonly subscription: Subscription
  /** Handlers that were added later and start at the beginning. */
  readonly catchUps: readonly CatchUp[]
}

/** The subscription of handlers that were added later. It ends at the position that the others had reached when these were added. */
export interface CatchUp {
  readonly subscription: Subscription
  readonly until: Position
}

/** The subscriptions of a service's handlers, ready to run: those of the groups that are done here. */
export async function handlerSubscriptions(
  core: ServiceCore,
  does: DoesGroup,
): Promise<readonly HandlerSubscription[]> {
  const built: HandlerSubscription[] = []
  for (const { handlers, partition } of handlersBySubscription(core))
    if (does(groupOf(partition, handlers))) built.push(await placeHandlers(core, handlers, partition))
  return built
}

/**
 * The subscriptions of a service's handlers as stored, to be inspected and not run: if handlers were added later, this does not choose
 * where they start.
 */
export async function keptHandlerSubscriptions(core: ServiceCore): Promise<readonly Subscription[]> {
  const kept = handlersBySubscription(core).map(({ handlers, partition }) =>
    subscriptionOf(core, handlers, partition, {}),
  )
  for (const subscription of kept) await subscription.load()
  return kept
}

interface DividedHandlers {
  readonly handlers: readonly NamedHandler[]
  readonly partition: Partition
}

function handlersBySubscription({ service }: ServiceCore): readonly DividedHandlers[] {
  const groups = Map.groupBy(service.handlers, ({ subscriber, event }) => `${subscriber}/${event.owner}`)
  return [...groups.values()].flatMap((handlers) =>
    partitionsOf(service, handlers[0]?.subscriber ?? '').map((partition) => ({ handlers, partition })),
  )
}

function groupOf({ subscriber }: Partition, [first]: readonly NamedHandler[]): string {
  return handlersGroup(subscriber, first?.event.owner ?? '')
}

function subscriptionOf(
  core: ServiceCore,
  handlers: readonly NamedHandler[],
  partition: Partition,
  since: Readonly<Record<string, Position>>,
  start = new LateStart(),
  all = handlers,
  newer?: NewerHandlers,
): Subscription {
  const [first] = all
  if (first === undefined) throw new TidingsError('INVARIANT', 'Invariant broken: a subscription without handlers')
  const started = new StartedHandlers(core, handlers, (handler) => since[handler.name] ?? '', newer)
  const types = [...new Set([...typesOf(handlers), ...(newer?.types ?? [])])]
  const reader = readUnpassed(
    eventReader(core, first.event.owner, first.subscriber, types, slotsToRead(partition)),
    () => subscription.checkpoint.passed,
  )
  const subscription: Subscription = new Subscription({
    core,
    subscriber: partition.subscriber,
    kind: 'handlers',
    group: groupOf(partition, all),
    slots: partition.slots,
    reader: readOnceStarted(reader, start),
    invoke: started.invoke,
    audience: started,
    ...deferralOf(all, handlers, (handler, position) => position > (since[handler.name] ?? ''), newer),
    sequential: false,
    handlersWait: handlers.some((handler) => handler.lookups.length > 0),
  })
  return subscription
}

// Finds out where each handler starts, and saves it with the checkpoint.
async function placeHandlers(
  core: ServiceCore,
  handlers: readonly NamedHandler[],
  partition: Partition,
): Promise<HandlerSubscription> {
  const key = `${partition.subscriber}/${handlers[0]?.event.owner}`
  let noted = await placedHandlers(core, key)
  if (noted !== undefined && noted.code > core.code.own) return placeBesideNewer(core, handlers, partition, noted)
  const since: Record<string, Position> = {}
  const start = new LateStart()
  const subscription = subscriptionOf(core, handlers, partition, since, start)
  const hasCheckpoint = await subscription.load()
  if (core.isOutdated) refuseUnknown(subscription, new Set(namesOf(handlers)))
  const place = async (placed: readonly NamedHandler[], head: Position) => {
    const kept = subscription.checkpoint.handlers
    for (const handler of placed)
      since[handler.name] = startedAfter(handler, kept) ?? startOf(subscription, handler, hasCheckpoint, head)
    const names = Object.keys(since)
    const isNoted = !isPlacedAnew(core, noted, handlers)
    if (isNoted && names.length === Object.keys(kept).length && names.every((name) => Object.hasOwn(kept, name))) return
    await subscription.saveCheckpoint({ handlers: { ...since } }, (unit) => {
      if (!isNoted) notePlaced(core, unit, key, handlers)
    })
    if (!isNoted) noted = await placedHandlers(core, key)
  }
  const startsNow = handlers.filter(
    (handler) => handler.from === 'now' && startedAfter(handler, subscription.checkpoint.handlers) === undefined,
  )
  await place(
    handlers.filter((handler) => !startsNow.includes(handler)),
    '',
  )
  if (startsNow.length > 0) {
    const head = await headIfReadable(subscription)
    if (head !== undefined) await place(startsNow, head)
    else
      start.postpone((reader) =>
        reader.read(subscription.checkpoint.position, 1).then((page) => place(startsNow, page.head)),
      )
  }
  // What older code has left to this one.
  subscription.retryWaiting(newerCodeMissing)
  return { subscription, catchUps: await catchUpsOf(subscription, handlers, partition, since) }
}

// Newer code has placed it. This code goes on with the handlers that both have, and stores nothing of where handlers start: what newer code has removed
// or renamed does not run, and events for what it has added wait for it.
async function placeBesideNewer(
  core: ServiceCore,
  all: readonly NamedHandler[],
  partition: Partition,
  placed: PlacedHandlers,
): Promise<HandlerSubscription> {
  const key = `${partition.subscriber}/${all[0]?.event.owner}`
  const kept = (await readDocument<Checkpoint>(core.store, systemTables.checkpoints, key))?.document.handlers ?? {}
  const handlers = all.filter((handler) => startedAfter(handler, kept) !== undefined)
  const known = new Set(namesOf(handlers))
  const since = Object.fromEntries(handlers.map((handler) => [handler.name, startedAfter(handler, kept) ?? '']))
  const newer = new NewerHandlers(placed, kept, known)
  const subscription = subscriptionOf(core, handlers, partition, since, new LateStart(), all, newer)
  await subscription.load()
  refuseUnknown(subscription, new Set([...known, ...Object.keys(placed.handlers)]))
  return { subscription, catchUps: await catchUpsOf(subscription, handlers, partition, since) }
}

function namesOf(handlers: readonly NamedHandler[]): readonly string[] {
  return handlers.flatMap(({ name, was }) => (was === undefined ? [name] : [name, was]))
}

// The subscriber has handlers of which nothing is known here, not even what they hear: if this code went on, their events would be passed.
function refuseUnknown({ core, checkpoint, subscriber }: Subscription, known: ReadonlySet<string>): void {
  const missing = Object.keys(checkpoint.handlers).filter((name) => !known.has(name))
  if (missing.length === 0) return
  throw new TidingsError(
    'CODE_OUTDATED',
    `This instance of ${core.service.name} has older code than subscriber ${subscriber} was run with: it has no handler ${missing.join(', ')}.`,
    { details: { subscriber, missing } },
  )
}

// A handler that was renamed starts where it did under its old name.
function startedAfter({ name, was }: NamedHandler, kept: Readonly<Record<string, Position>>): Position | undefined {
  return kept[name] ?? (was === undefined ? undefined : kept[was])
}

async function catchUpsOf(
  { core, subscriber, source }: Subscription,
  handlers: readonly NamedHandler[],
  partition: Partition,
  since: Readonly<Record<string, Position>>,
): Promise<readonly CatchUp[]> {
  const catchUps: CatchUp[] = []
  for (const [name, late] of lateHandlers(handlers, since)) {
    const until = since[late[0]?.name ?? ''] ?? ''
    const started = new StartedHandlers(core, late, () => '')
    const subscription = new Subscription({
      core,
      subscriber: `${subscriber}.catch-up.${name}`,
      kind: 'handlers',
      group: groupOf(partition, handlers),
      slots: partition.slots,
      reader: readUpTo(
        eventReader(core, source, late[0]?.subscriber ?? '', typesOf(late), slotsToRead(partition)),
        until,
      ),
      invoke: started.invoke,
      audience: started,
      ...deferralOf(handlers, late, () => true),
      sequential: false,
    })
    await subscription.load()
    if (subscription.seen < until || subscription.deferred.count > 0) catchUps.push({ subscription, until })
  }
  return catchUps
}

// Handlers that were added later, each by itself. The inputs of a process manager that were added together catch up together, in order.
function lateHandlers(handlers: readonly NamedHandler[], since: Readonly<Record<string, Position>>) {
  const late = handlers.filter(({ from, name }) => from === 'beginning' && since[name] !== '')
  return Map.groupBy(late, ({ name, process: manager }) => {
    if (manager === undefined) return name
    const together = late.filter((other) => other.process === manager && since[other.name] === since[name])
    return together.length === 1 ? name : `${manager.name}.${since[name]}`
  })
}

// A service starts without waiting for its broker: a head that cannot be read soon is read later.
async function headIfReadable({ core, reader, source, checkpoint }: Subscription): Promise<Position | undefined> {
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${source} cannot be read yet.`)
  try {
    const page = reader.read(checkpoint.position, 1)
    return (await withTimeout(core.environment.timeouts, core.service.limits.pollMs, page, late)).head
  } catch (error) {
    if (retryOf(error) !== 'unavailable') throw error
    return undefined
  }
}

// Where a handler starts: at the beginning if the subscription is new, otherwise where the handler says.
function startOf(
  { core, subscriber, source, checkpoint: { position } }: Subscription,
  handler: NamedHandler,
  hasCheckpoint: boolean,
  head: Position,
): Position {
  if (handler.from === 'now') return head
  if (!hasCheckpoint || position === '') return ''
  if (handler.from === 'beginning') return position
  throw new TidingsError(
    'LATE_HANDLER',
    `Handler ${handler.name} of ${core.service.name} was added to subscriber ${subscriber}, which has already read ${source} up to ${position}.`,
    { details: { handler: handler.name, subscriber } },
  )
}

function typesOf(handlers: readonly NamedHandler[]): readonly string[] {
  return [...new Set(handlers.map((handler) => handler.event.name))]
}
