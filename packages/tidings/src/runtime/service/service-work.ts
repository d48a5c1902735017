// What a service does by itself, beside its commands and queries: it delivers, relays, moves what is due, rebuilds and prunes.
// Invariant: it begins after everything that it needs of the store was prepared, and when it has ended, nothing of it runs any more.

import { answerPruning } from '../commands/prune-answers.ts'
import { lastRunEndedCleanly, logCrash, recordEnd, recordStart } from '../core/run-marker.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { WorkLoop } from '../core/work-loop.ts'
import { Relay } from '../outbox/relay-outbox.ts'
import { Rebuilds } from '../rebuild/rebuilds.ts'
import { DirectQueues } from '../schedule/direct-queues.ts'
import { loadEffectsFrom } from '../schedule/first-runs.ts'
import { setRecurringTimers } from '../schedule/recurring-timers.ts'
import { ScheduleLoop } from '../schedule/schedule-loop.ts'
import { renameSources } from '../subscriptions/rename-sources.ts'
import { openIdle } from './open-idle.ts'
import { type ServiceSubscriptions, startSubscriptions } from './start-subscriptions.ts'

/** What the work of a service needs. */
export interface WorkOptions {
  /** The names that sources had before, by their names. */
  readonly renamed: Readonly<Record<string, string>>
  /** Nothing runs: the service is inspected and operated. */
  readonly idle: boolean
  /** Due timers and effects are moved only by `tick`. */
  readonly ticked: boolean
}

interface Parts {
  readonly core: ServiceCore
  readonly idle: boolean
  readonly subscriptions: ServiceSubscriptions
  readonly rebuilds: Rebuilds
  readonly schedule: ScheduleLoop
  readonly relay: Relay | undefined
  readonly pruning: WorkLoop | undefined
  readonly ending: AbortController
}

/** The work of a service. */
export class ServiceWork {
  readonly subscriptions: ServiceSubscriptions
  readonly rebuilds: Rebuilds
  readonly schedule: ScheduleLoop
  /** Absent if others read the event log itself. */
  readonly relay: Relay | undefined
  readonly #core: ServiceCore
  readonly #idle: boolean
  readonly #pruning: WorkLoop | undefined
  readonly #ending: AbortController

  private constructor({ core, idle, subscriptions, rebuilds, schedule, relay, pruning, ending }: Parts) {
    this.subscriptions = subscriptions
    this.rebuilds = rebuilds
    this.schedule = schedule
    this.relay = relay
    this.#core = core
    this.#idle = idle
    this.#pruning = pruning
    this.#ending = ending
  }

  /** Begins it. */
  static async begin(core: ServiceCore, options: WorkOptions): Promise<ServiceWork> {
    const { idle, ticked } = options
    // Ends waits, rebuilds, and effects that are being performed.
    const ending = new AbortController()
    const recovering = idle ? false : await startRun(core)
    const direct = ticked ? undefined : new DirectQueues(core)
    const subscriptions = await (idle
      ? openIdle(core, ending.signal)
      : startOrEnd(core, { ...options, recovering, ending, direct }))
    const { readModelLoops } = subscriptions
    const rebuilds = new Rebuilds(core, { readModelLoops, recovering, closing: ending.signal })
    const relay = core.broker.capabilities.relay ? new Relay(core) : undefined
    const schedule = new ScheduleLoop(core, direct)
    const pruning = idle ? undefined : answerPruning(core)
    if (!idle) {
      schedule.start()
      relay?.start()
      pruning?.start()
      rebuilds.resume()
    }
    return new ServiceWork({ core, idle, subscriptions, rebuilds, schedule, relay, pruning, ending })
  }

  /** Ends it once work in progress is done, and records in the store that the run ended cleanly. */
  async end(): Promise<void> {
    this.#ending.abort()
    if (!this.#idle) await this.schedule.close()
    await Promise.all(this.subscriptions.loops.map((loop) => loop.close()))
    await this.rebuilds.close()
    await this.relay?.close()
    this.#pruning?.close()
    await this.#pruning?.ended
    this.#core.repeatedLines.writeAll()
    if (!this.#idle) await recordEnd(this.#core)
  }
}

interface Starting extends WorkOptions {
  readonly recovering: boolean
  readonly ending: AbortController
  readonly direct: DirectQueues | undefined
}

// A start that is refused has handled nothing, so it is not taken for a crash at the next start; only a crash before it still is.
async function startOrEnd(
  core: ServiceCore,
  { renamed, recovering, ending, direct }: Starting,
): Promise<ServiceSubscriptions> {
  try {
    await renameSources(core, renamed)
    return await startSubscriptions(core, recovering, ending.signal, direct)
  } catch (error) {
    ending.abort()
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
