// From a service's declarations to its lanes: one per subscriber and source.

import { retryOf, TidingsError } from '../../errors/index.ts'
import type { Position } from '../../ports/index.ts'
import type { EffectDeclaration, NamedHandler } from '../../services/index.ts'
import { agendaFeed } from '../delivery-readers/schedule-reader.ts'
import { effectQueue, timerQueue } from '../schedule/scheduled-item.ts'
import { reactWithEffects } from '../handlers/perform-effect.ts'
import { reactWithTimers } from '../handlers/invoke-timers.ts'
import { eventFeed, type Feed, factFeed } from '../delivery-readers/delivery-reader.ts'
import { LaneState } from '../delivery/subscription.ts'
import { mainLane } from '../contexts/handler-context.ts'
import type { React } from '../delivery/invoke.ts'
import { reactWithHandlers, reactWithProjection, reactWithReplica } from '../handlers/invoke-handlers.ts'
import type { ReadModel } from '../tables/read-models.ts'
import { RowCache } from '../unit-of-work/row-cache.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { withTimeout } from '../concurrency/wait.ts'

/** A lane, and the lanes that have to catch up before it goes on. */
export interface BuiltLane {
  readonly lane: LaneState
  /** Handlers that were added later and start at the beginning, each up to where the lane stands. */
  readonly catchUps: readonly { readonly lane: LaneState; readonly until: Position }[]
}

/** The lanes of a service's handlers. */
export async function buildHandlerLanes(core: ServiceCore): Promise<readonly BuiltLane[]> {
  const lanes: BuiltLane[] = []
  for (const handlers of handlersByLane(core)) lanes.push(await buildHandlerLane(core, handlers))
  return lanes
}

/** The lanes of a service's handlers as they stand: nothing is decided about handlers that were added, and nothing will run. */
export async function readHandlerLanes(core: ServiceCore): Promise<readonly LaneState[]> {
  const lanes = handlersByLane(core).map((handlers) => handlerLane(core, handlers, {}))
  for (const lane of lanes) await lane.load()
  return lanes
}

function handlersByLane(core: ServiceCore): readonly (readonly NamedHandler[])[] {
  const groups = Map.groupBy(core.service.handlers, ({ lane, event }) => `${lane}/${event.owner}`)
  return [...groups.values()]
}

function handlerLane(
  core: ServiceCore,
  handlers: readonly NamedHandler[],
  since: Readonly<Record<string, Position>>,
  start: LaterStart = {},
): LaneState {
  const [first] = handlers
  if (first === undefined) throw new TidingsError('INVARIANT', 'Invariant broken: a lane without handlers')
  return new LaneState({
    core,
    subscriber: first.lane,
    kind: 'handlers',
    feed: readOnceStarted(eventFeed(core, first.event.owner, typesOf(handlers)), start),
    react: startingBehind(since, handlers, (running) => reactWithHandlers(core, running)),
    sequential: false,
    waits: handlers.some((handler) => handler.lookups.length > 0),
  })
}

async function buildHandlerLane(core: ServiceCore, handlers: readonly NamedHandler[]): Promise<BuiltLane> {
  const since: Record<string, Position> = {}
  const start: LaterStart = {}
  const lane = handlerLane(core, handlers, since, start)
  const { source } = lane.feed
  const known = await lane.load()
  const place = async (placed: readonly NamedHandler[], head: Position) => {
    const kept = lane.progress.handlers
    for (const handler of placed) since[handler.name] = kept[handler.name] ?? startOf(core, lane, handler, known, head)
    const names = Object.keys(since)
    if (names.length !== Object.keys(kept).length || names.some((name) => !Object.hasOwn(kept, name)))
      await lane.saveProgress({ ...lane.progress, handlers: { ...since } })
  }
  const startsNow = handlers.filter(
    (handler) => handler.from === 'now' && !Object.hasOwn(lane.progress.handlers, handler.name),
  )
  await place(
    handlers.filter((handler) => !startsNow.includes(handler)),
    '',
  )
  if (startsNow.length > 0) {
    const head = await presentHead(lane)
    if (head !== undefined) await place(startsNow, head)
    else start.later = (feed) => feed.read(lane.progress.position, 1).then((page) => place(startsNow, page.head))
  }
  const catchUps: { lane: LaneState; until: Position }[] = []
  for (const [name, late] of lateHandlers(handlers, since)) {
    const until = since[late[0]?.name ?? ''] ?? ''
    const catchUp = new LaneState({
      core,
      subscriber: `${lane.subscriber}.catch-up.${name}`,
      kind: 'handlers',
      feed: upTo(eventFeed(core, source, typesOf(late)), until),
      react: reactWithHandlers(core, late),
      sequential: false,
    })
    await catchUp.load()
    if (catchUp.seen < until || catchUp.held.count > 0) catchUps.push({ lane: catchUp, until })
  }
  return { lane, catchUps }
}

// Handlers that were added later, each by itself; the inputs of a process that were added together catch up together, in order.
function lateHandlers(handlers: readonly NamedHandler[], since: Readonly<Record<string, Position>>) {
  const late = handlers.filter(({ from, name }) => from === 'beginning' && since[name] !== '')
  return Map.groupBy(late, ({ name, process: manager }) => {
    if (manager === undefined) return name
    const together = late.filter((other) => other.process === manager && since[other.name] === since[name])
    return together.length === 1 ? name : `${manager.name}.${since[name]}`
  })
}

/** The lanes of what is due: the timers of each lane, and each effect. `closing` aborts effects that are under way. */
export function buildAgendaLanes(core: ServiceCore, closing: AbortSignal): readonly LaneState[] {
  const { service } = core
  const lanes = new Set([
    ...(Object.keys(service.timers).length > 0 ? [mainLane] : []),
    ...service.processes.flatMap((manager) => (Object.keys(manager.timers).length > 0 ? [manager.lane] : [])),
  ])
  const timers = [...lanes].map(
    (lane) =>
      new LaneState({
        core,
        subscriber: lane,
        kind: 'timers',
        feed: agendaFeed(core, 'timer', timerQueue(lane)),
        react: reactWithTimers(core, service.processes),
        sequential: false,
      }),
  )
  return [...timers, ...service.effects.map((declaration) => effectLane(core, declaration, closing))]
}

function effectLane(core: ServiceCore, declaration: EffectDeclaration, closing: AbortSignal): LaneState {
  const { attemptsMax, inParallelMax, timeoutMs, effect } = declaration
  return new LaneState({
    core,
    subscriber: `effect.${effect.name}`,
    kind: 'effects',
    feed: agendaFeed(core, 'effect', effectQueue(effect.name)),
    react: reactWithEffects(core, declaration, closing),
    sequential: false,
    waits: true,
    // A batch is committed when all of it was performed: it holds no more than are performed side by side.
    limits: {
      attemptsMax,
      batchCountMax: inParallelMax,
      keysInParallelMax: inParallelMax,
      handlerTimeoutMs: timeoutMs + core.service.limits.handlerTimeoutMs,
    },
  })
}

/** Set while it is not known where handlers that start now begin, because their source cannot be read. */
interface LaterStart {
  later?: (feed: Feed) => Promise<void>
}

// A feed that is read only when it is known where its handlers start.
function readOnceStarted(feed: Feed, start: LaterStart): Feed {
  let starting: Promise<void> | undefined
  return {
    ...feed,
    read: async (after, limit) => {
      if (start.later !== undefined) {
        starting ??= start.later(feed).finally(() => {
          starting = undefined
        })
        await starting
        delete start.later
      }
      return feed.read(after, limit)
    },
  }
}

// A service does not wait for its broker to start: what cannot be read soon is read later.
async function presentHead(lane: LaneState): Promise<Position | undefined> {
  const { host, service } = lane.core
  const late = () => new TidingsError('BROKER_UNAVAILABLE', `${lane.feed.source} cannot be read yet.`)
  try {
    return (await withTimeout(host.scheduler, service.limits.pollMs, lane.feed.read(lane.progress.position, 1), late))
      .head
  } catch (error) {
    if (retryOf(error) !== 'unavailable') throw error
    return undefined
  }
}

// Where a handler starts within its lane: a new lane begins at the beginning, a lane under way goes on where it is.
function startOf(core: ServiceCore, lane: LaneState, handler: NamedHandler, known: boolean, head: Position): Position {
  if (handler.from === 'now') return head
  if (!known || lane.progress.position === '') return ''
  if (handler.from === 'beginning') return lane.progress.position
  throw new TidingsError(
    'LATE_HANDLER',
    `Handler ${handler.name} of ${core.service.name} was added to lane ${lane.subscriber}, which has heard ${lane.feed.source} up to ${lane.progress.position}.`,
    { details: { handler: handler.name, lane: lane.subscriber } },
  )
}

// Passes over what lies before a handler's start.
function startingBehind(
  since: Readonly<Record<string, Position>>,
  handlers: readonly NamedHandler[],
  make: (running: readonly NamedHandler[]) => React,
): React {
  const all = make(handlers)
  return (handling) => {
    const { position } = handling.delivery
    const running = handlers.filter((handler) => position > (since[handler.name] ?? ''))
    return running.length === handlers.length ? all(handling) : make(running)(handling)
  }
}

// A feed that ends at a position.
function upTo(feed: Feed, until: Position): Feed {
  return {
    ...feed,
    until,
    read: async (after, limit) => {
      const page = await feed.read(after, limit)
      const deliveries = page.deliveries.filter((delivery) => delivery.position <= until)
      const next = page.next > until ? until : page.next
      return { ...page, deliveries, next: next > after ? next : after, head: page.head < until ? page.head : until }
    },
  }
}

function typesOf(handlers: readonly NamedHandler[]): readonly string[] {
  return [...new Set(handlers.map((handler) => handler.event.name))]
}

/** The lanes that keep one generation of a read model: one per source it follows. `rebuilding`: the generation that a rebuild fills with them. */
export function buildReadModelLanes(
  core: ServiceCore,
  readModel: ReadModel,
  subscriber: string,
  generation: () => number,
  rebuilding?: number,
): LaneState[] {
  const kind = rebuilding === undefined ? readModel.kind : 'rebuild'
  const base = {
    core,
    subscriber,
    kind,
    sequential: true,
    unrecorded: rebuilding !== undefined,
    cache: new RowCache(core.service.limits.rowsCachedMax),
    keeps: rebuilding === undefined ? { readModel } : { readModel, rebuilding },
  } as const
  if (readModel.kind === 'replica') {
    const contract = core.service.replicas[readModel.name]?.of
    if (contract === undefined) return []
    const react = reactWithReplica(core, readModel, contract, generation)
    return [new LaneState({ ...base, feed: eventFeed(core, contract.owner, [contract.name]), react })]
  }
  const react = reactWithProjection(core, readModel, generation)
  return feedsOf(core, readModel).map((feed) => new LaneState({ ...base, feed, react }))
}

function feedsOf(core: ServiceCore, readModel: ReadModel): readonly Feed[] {
  const types = new Map<string, Set<string>>()
  const categories = new Set<string>()
  for (const step of readModel.projection?.steps ?? []) {
    if (step.on === 'fact') categories.add(step.decider.name)
    else types.set(step.event.owner, (types.get(step.event.owner) ?? new Set()).add(step.event.name))
  }
  const feeds = [...types].map(([source, names]) => eventFeed(core, source, [...names]))
  return categories.size === 0 ? feeds : [...feeds, factFeed(core, [...categories])]
}
