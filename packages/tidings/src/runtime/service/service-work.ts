// What a service does by itself, beside its commands and queries: it delivers, relays, moves what is due, rebuilds and prunes. All of it, or the
// groups of it that are done here. Invariant: when it has ended, nothing of it runs any more.

import { answerPruning } from '../commands/prune-answers.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { WorkLoop } from '../core/work-loop.ts'
import { Relay } from '../outbox/relay-outbox.ts'
import { Rebuilds } from '../rebuild/rebuilds.ts'
import { DirectQueues } from '../schedule/direct-queues.ts'
import { ScheduleLoop } from '../schedule/schedule-loop.ts'
import { relayGroup, scheduleGroup } from '../subscriptions/work-groups.ts'
import { type ServiceSubscriptions, type StartOptions, startSubscriptions } from './start-subscriptions.ts'

/** How the work of a service is begun. */
export interface WorkOptions extends Omit<StartOptions, 'closing' | 'aborting' | 'direct'> {
  /** Due timers and effects are moved only by `tick`. */
  readonly ticked: boolean
  /** Ends waits and rebuilds, and, where the store is not shared, effects that are being performed. */
  readonly ending: AbortController
}

/** The work of a service that is done here. */
export class ServiceWork {
  readonly subscriptions: ServiceSubscriptions
  readonly rebuilds: Rebuilds
  /** Runs only if its group is done here. */
  readonly schedule: ScheduleLoop
  /** Absent if others read the event log itself, or its group is not done here. */
  readonly relay: Relay | undefined
  readonly #core: ServiceCore
  readonly #pruning: WorkLoop | undefined
  readonly #ending: AbortController
  readonly #aborting: AbortController

  private constructor(
    core: ServiceCore,
    subscriptions: ServiceSubscriptions,
    direct: DirectQueues | undefined,
    aborting: AbortController,
    options: WorkOptions,
  ) {
    const { does, ending, recovering } = options
    const { readModelLoops } = subscriptions
    this.subscriptions = subscriptions
    this.rebuilds = new Rebuilds(core, { readModelLoops, recovering, closing: ending.signal })
    this.schedule = new ScheduleLoop(core, direct)
    this.relay = core.broker.capabilities.relay && does(relayGroup) ? new Relay(core) : undefined
    this.#core = core
    this.#pruning = does(scheduleGroup) ? answerPruning(core) : undefined
    this.#ending = ending
    this.#aborting = aborting
  }

  /** Begins it. If it cannot begin, nothing of it runs. */
  static async begin(core: ServiceCore, options: WorkOptions): Promise<ServiceWork> {
    const { does, ending, ticked } = options
    const direct = ticked ? undefined : new DirectQueues(core)
    // Where instances share the store, one moves what is due, and others may handle it: nothing is left to them in the schedule.
    const taking = core.sharesStore ? undefined : direct
    const aborting = abortingOf(core, ending)
    const signals = { closing: ending.signal, aborting: aborting.signal }
    const subscriptions = await startSubscriptions(core, { ...options, ...signals, direct: taking })
    const work = new ServiceWork(core, subscriptions, direct, aborting, options)
    try {
      await work.rebuilds.takeOverReplaced(does)
    } catch (error) {
      await work.end()
      throw error
    }
    if (does(scheduleGroup)) work.schedule.start()
    work.relay?.start()
    work.#pruning?.start()
    work.rebuilds.resume(does)
    return work
  }

  /** A service that is inspected and operated: nothing runs. */
  static idle(core: ServiceCore, subscriptions: ServiceSubscriptions, ending: AbortController): ServiceWork {
    const none = { recovering: false, does: () => false, elsewhere: () => [], ticked: true, ending }
    return new ServiceWork(core, subscriptions, undefined, ending, none)
  }

  /**
   * Ends it once work in progress is done.
   *
   * @param closing - if it is handed over to another instance, fires when this one closes: until then, effects have their whole time.
   */
  async end(closing?: AbortSignal): Promise<void> {
    this.#ending.abort()
    await this.schedule.close()
    const { loops } = this.subscriptions
    await Promise.all(loops.map((loop) => loop.close(loop.subscription.kind === 'effects' ? closing : undefined)))
    this.#aborting.abort()
    await this.rebuilds.close()
    await this.relay?.close()
    this.#pruning?.close()
    await this.#pruning?.ended
    this.#core.repeatedLines.writeAll()
  }
}

// Where instances share the store, effects that are being performed end before they are handed over: another instance would perform them again. They are
// aborted if this one has lost them, or if they take too long.
function abortingOf(core: ServiceCore, ending: AbortController): AbortController {
  if (core.fence === undefined) return ending
  const aborting = new AbortController()
  core.fence.signal.addEventListener('abort', () => aborting.abort(), { once: true })
  if (core.fence.signal.aborted) aborting.abort()
  return aborting
}
