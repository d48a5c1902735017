// Rebuilds a read model from history while the old one serves reads (P7): subscriptions of its own fill the next generation beside it, then
// one commit switches tables, checkpoints and deferred events. There is no output: projections and replicas cannot publish.
// Invariant: a rebuild that is killed anywhere continues at the next start, and reads never see a half-filled generation. Once another run
// has started on the store, this run neither begins nor switches a rebuild: the other would serve reads from deleted tables.

import { TidingsError } from '../../errors/index.ts'
import { distance, type Position } from '../../ports/index.ts'
import { createLock } from '../concurrency/lock.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'
import { fenceByRun } from '../core/run-marker.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { checkHeard } from '../delivery/check-epoch.ts'
import { deliverBatch } from '../delivery/deliver-batch.ts'
import type { Subscription } from '../delivery/subscription.ts'
import type { Checkpoint } from '../delivery/subscription-change.ts'
import { factsSource } from '../delivery-readers/fact-reader.ts'
import { rebuildSubscriber, rebuildSubscriptions } from '../subscriptions/read-model-subscriptions.ts'
import { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import { dropGeneration, ensureGeneration, type ReadModel, type ReadModelState } from '../tables/read-models.ts'
import { noteReplaced } from '../tables/replaced-generations.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** How far a rebuild has come. */
export interface RebuildProgress {
  /** Positions read so far, in all sources. */
  readonly done: number
  /** Positions that all sources have now. */
  readonly total: number
}

/** What a rebuild needs besides the service. */
export interface RebuildOptions {
  /** The loops that fill the generation that serves reads now; none for an inline projection. */
  readonly live: readonly SubscriptionLoop[]
  /** The last run crashed: what the rebuild delivers runs isolated. */
  readonly recovering: boolean
  /** Called now and then. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Ends the rebuild early; it continues at the next start. */
  readonly closing: AbortSignal
  /** Called when reads have switched from a generation. Functions that began before may still read its tables. */
  readonly onSwitched: (from: number) => void
}

const switchTriesMax = 100

const takenOver = ({ name }: ReadModel) =>
  new TidingsError('CONFLICT', `The rebuild of ${name} was taken over by another runtime.`)

/** Rebuilds a read model; returns false if it was ended early. */
export async function rebuildReadModel(
  core: ServiceCore,
  readModel: ReadModel,
  options: RebuildOptions,
): Promise<boolean> {
  const generation = await beginRebuild(core, readModel)
  const from = core.generations.of(readModel).generation
  const subscriptions = rebuildSubscriptions(core, readModel, generation)
  const lock = createLock()
  const shadows = subscriptions.map((subscription) => new SubscriptionLoop(subscription, lock))
  for (const subscription of subscriptions) {
    await subscription.load()
    if (options.recovering) subscription.recover()
  }
  for (const shadow of shadows) shadow.start()
  try {
    for (;;) {
      const since = shadows.map((shadow) => shadow.moved.fires)
      if (core.generations.of(readModel).rebuilding !== generation) throw takenOver(readModel)
      if (await caughtUp(shadows, readModel.projection?.mode === 'inline')) break
      if (options.closing.aborted) return false
      options.onProgress?.(progressOf(shadows))
      const { pollMs } = core.service.limits
      await Promise.race(
        shadows.map(({ moved }, index) =>
          signalOrTimeout(core.environment.timeouts, moved, pollMs, { since: since[index], keepsAlive: true }),
        ),
      )
    }
  } finally {
    for (const shadow of shadows) await shadow.close()
  }
  try {
    await switchGeneration(core, readModel, generation, subscriptions, options.live)
  } catch (error) {
    if (readModel.projection?.mode === 'inline') await giveUp(core, readModel, generation)
    throw error
  }
  options.onSwitched(from)
  options.onProgress?.(progressOf(shadows))
  return true
}

/** Records that a read model is rebuilt, unless that is so already; returns the generation that is filled. */
export async function beginRebuild(core: ServiceCore, readModel: ReadModel): Promise<number> {
  await core.generations.refresh(core.store, readModel)
  const state = core.generations.of(readModel)
  if (state.rebuilding !== undefined) {
    await ensureGeneration(core.store, readModel, state.rebuilding)
    return state.rebuilding
  }
  // Recorded before its tables are created: if the tables of a generation exist but the generation is not recorded, they are leftovers, and
  // the next start deletes them.
  const generation = 1 + Math.max(state.generation, state.begun ?? 0)
  await saveState(core, readModel, { ...state, rebuilding: generation, begun: generation })
  await ensureGeneration(core.store, readModel, generation)
  return generation
}

async function giveUp(core: ServiceCore, readModel: ReadModel, generation: number): Promise<void> {
  const { rebuilding: _, ...state } = core.generations.of(readModel)
  if (state.generation === generation) return
  await saveState(core, readModel, state)
  await dropGeneration(core.store, readModel, generation)
}

// An inline projection has no subscription that could retry what failed: it is rebuilt completely or not at all.
function refuseDeferred(readModel: ReadModel, subscriptions: readonly Subscription[]): void {
  if (readModel.projection?.mode !== 'inline') return
  const failed = subscriptions.flatMap(({ deferred }) => [...deferred.heads()])
  const [first] = failed
  if (first === undefined) return
  throw new TidingsError(
    'HANDLER_FAILED',
    `The rebuild of ${readModel.name} was given up: ${first.type} of key ${first.key} failed (${first.error?.message ?? 'not tried yet'}), and ${failed.length - 1} more keys did.`,
  )
}

// Saves the state of a read model, and deletes the checkpoints and deferred events of its rebuild in the same commit.
async function saveState(core: ServiceCore, readModel: ReadModel, state: ReadModelState): Promise<void> {
  const unit = fencedUnit(core, readModel)
  unit.putDocument(systemTables.readModels, readModel.subscriber, state)
  for (const table of [systemTables.checkpoints, systemTables.deferred])
    for (const { key } of await readDocuments(core.store, table, `${rebuildSubscriber(readModel)}/`))
      unit.deleteRow(table, key)
  const result = await core.commit(unit)
  if (!result.committed)
    throw new TidingsError('CONFLICT', `The state of read model ${readModel.name} could not be saved.`)
  core.generations.set(readModel, state, result.revision)
}

// Creates a unit whose commit is refused if another runtime has begun or switched a rebuild of the read model, or another run has started.
function fencedUnit(core: ServiceCore, readModel: ReadModel): UnitOfWork {
  const unit = new UnitOfWork(core.store)
  const revision = core.generations.revision(readModel)
  unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision })
  fenceByRun(core, unit)
  return unit
}

async function caughtUp(shadows: readonly SubscriptionLoop[], isInline: boolean): Promise<boolean> {
  for (const shadow of shadows) {
    const { subscription } = shadow
    const head = await shadow.readHead()
    if (head === undefined || subscription.seen < head) return false
    // An inline projection must have no retries left at the switch; elsewhere the live subscription continues them.
    if (isInline && [...subscription.deferred.heads()].some(({ state }) => state !== 'parked')) return false
  }
  return true
}

function progressOf(shadows: readonly SubscriptionLoop[]): RebuildProgress {
  const sum = (of: (shadow: SubscriptionLoop) => Position) =>
    shadows.reduce((total, shadow) => total + Number(of(shadow)), 0)
  const done = sum((shadow) => shadow.subscription.seen)
  return {
    done,
    total: Math.max(
      done,
      sum((shadow) => (shadow.head > shadow.subscription.seen ? shadow.head : shadow.subscription.seen)),
    ),
  }
}

// The live subscriptions pause, those of the rebuild catch up with them, commits are held back for a moment, and one commit switches.
async function switchGeneration(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
  subscriptions: readonly Subscription[],
  live: readonly SubscriptionLoop[],
): Promise<void> {
  const resting = live.reduceRight<() => Promise<void>>(
    (inner, loop) => () => loop.whileResting(inner),
    async () => {
      for (let tries = 0; ; tries++) {
        await catchUpShadows(subscriptions, live)
        refuseDeferred(readModel, subscriptions)
        if (await trySwitch(core, readModel, generation, subscriptions)) break
        if (tries >= switchTriesMax)
          throw new TidingsError(
            'CONFLICT',
            `Optimistic concurrency conflict while switching read model ${readModel.name}; gave up after ${tries + 1} attempts.`,
          )
      }
      for (const { subscription } of live) await subscription.load()
    },
  )
  await resting()
}

async function catchUpShadows(
  subscriptions: readonly Subscription[],
  live: readonly SubscriptionLoop[],
): Promise<void> {
  for (const subscription of subscriptions) {
    const { reader, source, batchCountMax } = subscription
    const target = live.find((loop) => loop.subscription.source === source)?.subscription.seen ?? ''
    for (;;) {
      const page = await reader.read(subscription.seen, batchCountMax)
      await checkHeard(subscription, page)
      subscription.noteRead(page)
      if (page.deliveries.length > 0) await deliverBatch(subscription, page.deliveries, page.next)
      else await subscription.advance(page.next)
      subscription.skipTo(page.next)
      if (page.next >= page.head && page.next >= target) break
      if (page.next < target && distance(page.next, page.head) === 0) break
    }
  }
}

async function trySwitch(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
  subscriptions: readonly Subscription[],
): Promise<boolean> {
  return core.whileHoldingCommits(async () => {
    if (core.generations.of(readModel).rebuilding !== generation) throw takenOver(readModel)
    const unit = fencedUnit(core, readModel)
    const state: ReadModelState = { generation, shape: readModel.shape }
    unit.putDocument(systemTables.readModels, readModel.subscriber, state)
    if (core.sharesStore)
      noteReplaced(unit, readModel, core.generations.of(readModel).generation, await core.store.now())
    for (const table of [systemTables.checkpoints, systemTables.deferred]) {
      const before = await readDocuments<Partial<Checkpoint>>(core.store, table, `${readModel.subscriber}/`)
      for (const { key } of before) unit.deleteRow(table, key)
      for (const { key, document } of await readDocuments<object>(
        core.store,
        table,
        `${rebuildSubscriber(readModel)}/`,
      )) {
        unit.deleteRow(table, key)
        const live = key.slice('rebuild.'.length)
        // A rebuild records no deliveries; those of the live read model are still explained afterwards.
        const { recent, batches } = before.find((other) => other.key === live)?.document ?? {}
        const records = recent === undefined ? {} : { recent, batches }
        unit.putDocument(table, live, { ...document, ...records })
      }
    }
    const inline = readModel.projection?.mode === 'inline'
    const facts = subscriptions.find(({ source }) => source === factsSource)
    const result = await core
      .commitDuringHold({ ...unit.toCommit(), ...(inline && facts !== undefined ? { factsHead: facts.seen } : {}) })
      .catch(async (error: unknown) => {
        // A commit reported as failed may have been applied.
        await core.generations.refresh(core.store, readModel).catch(() => {})
        if (core.generations.of(readModel).generation !== generation) throw error
        return undefined
      })
    if (result === undefined) return true
    if (result.committed) core.generations.set(readModel, state, result.revision)
    else if (result.conflicts.some((conflict) => conflict.kind === 'row' && conflict.table === systemTables.run))
      throw takenOver(readModel)
    else await core.generations.refresh(core.store, readModel)
    return result.committed
  })
}
