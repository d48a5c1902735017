// Rebuilding a read model from history while the old one serves reads (P7): the next generation is filled beside it by lanes of its own,
// then one commit switches tables, progress and held events. No output of any kind: projections and replicas have none to give.
// Invariant: killed anywhere, the rebuild goes on at the next start, and reads never see a half-filled generation. What a run has not begun or
// switched over before another run began on its store, it does not: the other would serve reads from tables that are gone.

import { TidingsError } from '../../errors/index.ts'
import { distance, type Position } from '../../ports/index.ts'
import { buildReadModelLanes } from '../subscriptions/build-subscriptions.ts'
import { deliverBatch, moveOn } from '../delivery/deliver-batch.ts'
import { factsSource } from '../delivery-readers/delivery-reader.ts'
import type { LaneState } from '../delivery/subscription.ts'
import { createLock } from '../concurrency/lock.ts'
import { fenceByRun } from '../core/run-marker.ts'
import { dropGeneration, ensureGeneration, type ReadModel, type ReadModelState } from '../tables/read-models.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { Subscription } from '../subscriptions/subscription-loop.ts'
import { readDocuments, systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { signalOrTimeout } from '../concurrency/wait.ts'

/** How far a rebuild has come. */
export interface RebuildProgress {
  /** Positions looked at, of all sources. */
  readonly done: number
  /** Positions there are now, of all sources. */
  readonly total: number
}

/** What a rebuild needs besides the service. */
export interface RebuildOptions {
  /** The lanes that keep the generation that serves reads now; none for an inline projection. */
  readonly live: readonly Subscription[]
  /** Makes the rebuild's lanes ready: careful ones after a run that did not end cleanly. */
  readonly prepare: (lane: LaneState) => void
  /** Told now and then. */
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Ends the rebuild early; it goes on at the next start. */
  readonly closing: () => boolean
}

const switchTriesMax = 100

const takenOver = ({ name }: ReadModel) =>
  new TidingsError('CONFLICT', `The rebuild of ${name} was taken over by another runtime.`)

/** Rebuilds a read model; says false where it was ended early. */
export async function rebuildReadModel(
  core: ServiceCore,
  readModel: ReadModel,
  options: RebuildOptions,
): Promise<boolean> {
  const generation = await beginRebuild(core, readModel)
  const subscriber = `rebuild.${readModel.subscriber}`
  const lanes = buildReadModelLanes(core, readModel, subscriber, () => generation, generation)
  const lock = createLock()
  const shadows = lanes.map((lane) => new Subscription(lane, lock))
  for (const lane of lanes) {
    await lane.load()
    options.prepare(lane)
  }
  for (const shadow of shadows) shadow.start()
  try {
    for (;;) {
      const since = shadows.map((shadow) => shadow.moved.fires)
      if (core.generations.of(readModel).rebuilding !== generation) throw takenOver(readModel)
      if (await caughtUp(shadows, readModel.projection?.mode === 'inline')) break
      if (options.closing()) return false
      options.onProgress?.(progressOf(shadows))
      const { pollMs } = core.service.limits
      await Promise.race(
        shadows.map(({ moved }, index) => signalOrTimeout(core.host.scheduler, moved, pollMs, since[index])),
      )
    }
  } finally {
    for (const shadow of shadows) await shadow.close()
  }
  try {
    await switchGeneration(core, readModel, generation, lanes, options.live)
  } catch (error) {
    if (readModel.projection?.mode === 'inline') await giveUp(core, readModel, generation)
    throw error
  }
  options.onProgress?.(progressOf(shadows))
  return true
}

async function beginRebuild(core: ServiceCore, readModel: ReadModel): Promise<number> {
  await core.generations.refresh(core.store, readModel)
  const state = core.generations.of(readModel)
  if (state.rebuilding !== undefined) {
    await ensureGeneration(core.store, readModel, state.rebuilding)
    return state.rebuilding
  }
  // Said before its tables are made: tables of a generation that nobody has said are left over.
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

// An inline projection has no subscriber that could go on with what failed: it is rebuilt whole or not at all.
function refuseHeld(readModel: ReadModel, lanes: readonly LaneState[]): void {
  if (readModel.projection?.mode !== 'inline') return
  const held = lanes.flatMap((lane) => [...lane.held.heads()])
  const [first] = held
  if (first === undefined) return
  throw new TidingsError(
    'HANDLER_FAILED',
    `The rebuild of ${readModel.name} was given up: ${first.type} of ${first.key} and ${held.length - 1} more keys failed (${first.error?.message ?? 'not tried yet'}).`,
  )
}

// A rebuild begins and is given up without progress, in the same commit.
async function saveState(core: ServiceCore, readModel: ReadModel, state: ReadModelState): Promise<void> {
  const unit = fencedUnit(core, readModel)
  unit.putDocument(systemTables.readModels, readModel.subscriber, state)
  for (const table of [systemTables.progress, systemTables.held])
    for (const { key } of await readDocuments(core.store, table, `rebuild.${readModel.subscriber}/`))
      unit.deleteRow(table, key)
  const result = await core.commit(unit)
  if (!result.committed)
    throw new TidingsError('CONFLICT', `The state of read model ${readModel.name} could not be kept.`)
  core.generations.set(readModel, state, result.revision)
}

// What another runtime has begun or switched over meanwhile is not overwritten, and nothing is once another run has begun.
function fencedUnit(core: ServiceCore, readModel: ReadModel): UnitOfWork {
  const unit = new UnitOfWork(core.store)
  const revision = core.generations.revision(readModel)
  unit.check({ table: systemTables.readModels, key: readModel.subscriber, revision })
  fenceByRun(core, unit)
  return unit
}

async function caughtUp(shadows: readonly Subscription[], whole: boolean): Promise<boolean> {
  for (const shadow of shadows) {
    const page = await shadow.lane.feed.read(shadow.lane.seen, 1).catch(() => undefined)
    if (page === undefined || shadow.lane.seen < page.head) return false
    // What an inline projection cannot take must be known before the switch; elsewhere the live subscriber goes on with it.
    if (whole && [...shadow.lane.held.heads()].some(({ state }) => state !== 'parked')) return false
  }
  return true
}

function progressOf(shadows: readonly Subscription[]): RebuildProgress {
  const sum = (of: (shadow: Subscription) => Position) =>
    shadows.reduce((total, shadow) => total + Number(of(shadow)), 0)
  const done = sum((shadow) => shadow.lane.seen)
  return {
    done,
    total: Math.max(
      done,
      sum((shadow) => (shadow.head > shadow.lane.seen ? shadow.head : shadow.lane.seen)),
    ),
  }
}

// The live lanes rest, commits are held back for a moment, the shadow reads what came last, and one commit switches over.
async function switchGeneration(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
  lanes: readonly LaneState[],
  live: readonly Subscription[],
): Promise<void> {
  const old = core.generations.of(readModel).generation
  const resting = live.reduceRight<() => Promise<void>>(
    (inner, subscription) => () => subscription.whileResting(inner),
    async () => {
      for (let tries = 0; ; tries++) {
        await catchUpShadow(lanes, live)
        refuseHeld(readModel, lanes)
        if (await trySwitch(core, readModel, generation, lanes)) break
        if (tries >= switchTriesMax)
          throw new TidingsError(
            'CONFLICT',
            `The switch of read model ${readModel.name} met new facts ${tries + 1} times in a row.`,
          )
      }
      for (const subscription of live) await subscription.lane.load()
    },
  )
  await resting()
  await dropGeneration(core.store, readModel, old)
}

async function catchUpShadow(lanes: readonly LaneState[], live: readonly Subscription[]): Promise<void> {
  for (const lane of lanes) {
    const target = live.find((subscription) => subscription.lane.feed.source === lane.feed.source)?.lane.seen ?? ''
    for (;;) {
      const page = await lane.feed.read(lane.seen, lane.batchCountMax)
      if (page.deliveries.length > 0) await deliverBatch(lane, page.deliveries, page.next)
      else await moveOn(lane, page.next)
      lane.seen = page.next
      if (page.next >= page.head && page.next >= target) break
      if (page.next < target && distance(page.next, page.head) === 0) break
    }
  }
}

async function trySwitch(
  core: ServiceCore,
  readModel: ReadModel,
  generation: number,
  lanes: readonly LaneState[],
): Promise<boolean> {
  return core.holdingCommits(async () => {
    if (core.generations.of(readModel).rebuilding !== generation) throw takenOver(readModel)
    const unit = fencedUnit(core, readModel)
    const state: ReadModelState = { generation, shape: readModel.shape }
    unit.putDocument(systemTables.readModels, readModel.subscriber, state)
    for (const table of [systemTables.progress, systemTables.held]) {
      for (const { key } of await readDocuments(core.store, table, `${readModel.subscriber}/`))
        unit.deleteRow(table, key)
      for (const { key, document } of await readDocuments(core.store, table, `rebuild.${readModel.subscriber}/`)) {
        unit.deleteRow(table, key)
        unit.putDocument(table, key.slice('rebuild.'.length), document)
      }
    }
    const inline = readModel.projection?.mode === 'inline'
    const facts = lanes.find((lane) => lane.feed.source === factsSource)
    const result = await core
      .commitThroughGate({ ...unit.toCommit(), ...(inline && facts !== undefined ? { factsHead: facts.seen } : {}) })
      .catch(async (error: unknown) => {
        // What is told as failed may have been applied.
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
