// The work of a service that alone writes its store. Invariant: it begins after everything that it needs of the store was prepared, and the store says
// whether the last run has ended cleanly.

import { lastRunEndedCleanly, logCrash, recordEnd, recordStart } from '../core/run-marker.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { loadEffectsFrom } from '../schedule/first-runs.ts'
import { setRecurringTimers } from '../schedule/recurring-timers.ts'
import { findLeftBehind, type LeftBehind } from '../subscriptions/left-behind.ts'
import { takeUpRenamed } from '../subscriptions/take-up-renamed.ts'
import { openIdle } from './open-idle.ts'
import { ServiceWork } from './service-work.ts'
import type { Work } from './work.ts'

/** What the work of a service needs. */
export interface LoneWorkOptions {
  /** The names that sources had before, by their names. */
  readonly renamed: Readonly<Record<string, string>>
  /** Nothing runs: the service is inspected and operated. */
  readonly idle: boolean
  /** Due timers and effects are moved only by `tick`. */
  readonly ticked: boolean
}

/** Begins the whole work of a service. */
export async function beginLoneWork(core: ServiceCore, options: LoneWorkOptions): Promise<Work> {
  const ending = new AbortController()
  if (options.idle) {
    const { leftBehind, ...subscriptions } = await openIdle(core, ending.signal)
    return asWork(ServiceWork.idle(core, subscriptions, ending), leftBehind, async () => {})
  }
  const recovering = await startRun(core)
  const { work, leftBehind } = await beginOrEnd(core, options, recovering, ending)
  return asWork(work, leftBehind, () => recordEnd(core))
}

function asWork(work: ServiceWork, leftBehind: readonly LeftBehind[], ended: () => Promise<void>): Work {
  const { rebuilds, relay, schedule, subscriptions } = work
  return {
    loops: subscriptions.loops,
    leftBehind,
    schedule,
    get relayStatus() {
      return relay?.status
    },
    instance: undefined,
    relayAtRest: async () => relay?.atRest ?? true,
    rebuildOf: (readModel) => rebuilds.progressOf(readModel),
    rebuild: (readModel, onProgress) => rebuilds.rebuild(readModel, onProgress),
    end: async () => {
      await work.end()
      await ended()
    },
  }
}

// A start that is refused has handled nothing, so it is not taken for a crash at the next start; only a crash before it still is.
async function beginOrEnd(
  core: ServiceCore,
  { renamed, ticked }: LoneWorkOptions,
  recovering: boolean,
  ending: AbortController,
): Promise<{ readonly work: ServiceWork; readonly leftBehind: readonly LeftBehind[] }> {
  let work: ServiceWork | undefined
  try {
    await takeUpRenamed(core, renamed)
    work = await ServiceWork.begin(core, { recovering, ticked, ending, does: () => true, elsewhere: () => [] })
    const declared = work.subscriptions.loops.map(({ subscription }) => subscription)
    return { work, leftBehind: await findLeftBehind(core, declared) }
  } catch (error) {
    ending.abort()
    await work?.end()
    if (!recovering) await recordEnd(core)
    throw error
  }
}

// Records that a run has started; returns whether the last one crashed and it may have been a delivery.
async function startRun(core: ServiceCore): Promise<boolean> {
  const crashed = !(await lastRunEndedCleanly(core))
  if (crashed) logCrash(core)
  const { work } = core.blockedRun ?? {}
  const recovering = crashed && (work === undefined || work.kind === 'delivery')
  await recordStart(core)
  await loadEffectsFrom(core)
  await setRecurringTimers(core)
  return recovering
}
