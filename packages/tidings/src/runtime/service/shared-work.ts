// The work of a service whose store several instances share: this one does the groups whose leases it holds, and follows the others in the store.
// Invariant: what is done here commits only while its lease is held; what is done elsewhere is as fresh as the last look at the store.

import { isTidingsError } from '../../errors/index.ts'
import { recordGenerations } from '../core/run-marker.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { LeaseKeeper } from '../leases/lease-keeper.ts'
import { isFree, type Leases } from '../leases/lease-rows.ts'
import type { Tenure } from '../leases/tenure.ts'
import type { RelayStatus } from '../outbox/relay-outbox.ts'
import { askForRebuild, readModelNamed, rebuildElsewhere } from '../rebuild/ask-for-rebuild.ts'
import type { RebuildProgress } from '../rebuild/rebuild-read-model.ts'
import { DirectQueues } from '../schedule/direct-queues.ts'
import { loadEffectsFrom } from '../schedule/first-runs.ts'
import { setRecurringTimers } from '../schedule/recurring-timers.ts'
import { ScheduleLoop } from '../schedule/schedule-loop.ts'
import { findLeftBehind, type LeftBehind } from '../subscriptions/left-behind.ts'
import { ObservedLoop } from '../subscriptions/observed-loop.ts'
import type { SubscriptionLoop } from '../subscriptions/subscription-loop.ts'
import { takeUpRenamed } from '../subscriptions/take-up-renamed.ts'
import { readModelGroup, relayGroup, scheduleGroup } from '../subscriptions/work-groups.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { numberCode } from './code-number.ts'
import { keptSubscriptions, onlyWhileRunning } from './open-idle.ts'
import type { InstanceStatus } from './service-status.ts'
import { ServiceWork } from './service-work.ts'
import { announceReplica } from './start-subscriptions.ts'
import type { Work } from './work.ts'

/** What the work of an instance needs. */
export interface SharedWorkOptions {
  /** The name of the instance. */
  readonly instance: string
  /** Due timers and effects are moved only by `tick`. */
  readonly ticked: boolean
  /** The names that sources had before, by their names. */
  readonly renamed: Readonly<Record<string, string>>
  /** Prepares the store, while no other instance does. */
  readonly prepare: (core: ServiceCore) => Promise<void>
}

/** The name of the lease under which an instance prepares the store. */
const startLease = 'start'

/** The work of an instance. */
export class SharedWork implements Work {
  leftBehind: readonly LeftBehind[] = []
  readonly #core: ServiceCore
  readonly #options: SharedWorkOptions
  readonly #keeper: LeaseKeeper
  readonly #closing = new AbortController()
  /** Each subscription as it is stored. */
  #observed: readonly ObservedLoop[] = []
  #leases: Leases | undefined
  /** Whether the store is prepared, by this instance: until then, it knows of no generation. */
  #isPrepared = false
  readonly #begun = new Map<Tenure, Promise<ServiceWork>>()
  /** What runs here, by its group. */
  readonly #works = new Map<string, ServiceWork>()
  readonly #observedSchedule: ScheduleLoop

  private constructor(core: ServiceCore, options: SharedWorkOptions) {
    this.#core = core
    this.#options = options
    this.#observedSchedule = new ScheduleLoop(core, options.ticked ? undefined : new DirectQueues(core))
    this.#keeper = new LeaseKeeper(core, {
      instance: options.instance,
      holding: {
        begin: (tenure) => this.#begin(tenure),
        end: (tenure) => this.#end(tenure),
        looked: (leases) => this.#looked(leases),
      },
    })
  }

  /** Begins this instance's share of the work. */
  static async begin(core: ServiceCore, options: SharedWorkOptions): Promise<SharedWork> {
    const work = new SharedWork(core, options)
    await work.#keeper.announce()
    try {
      await work.#keeper.alone(startLease, (preparing) => work.#prepare(preparing))
      await core.loadHeads()
      await work.#observe()
      await work.#keeper.hold(work.#groups(), core.code.own)
      return work
    } catch (error) {
      await work.end()
      throw error
    }
  }

  async #prepare(core: ServiceCore): Promise<void> {
    await this.#options.prepare(core)
    this.#isPrepared = true
    await recordGenerations(core)
    await takeUpRenamed(core, this.#options.renamed)
    await loadEffectsFrom(core)
    await setRecurringTimers(core)
    Object.assign(this.#core.code, await numberCode(core))
  }

  get loops(): readonly SubscriptionLoop[] {
    const seen = new Set<string>()
    return this.#observed.flatMap((loop): readonly SubscriptionLoop[] => {
      const { group } = loop.subscription
      const work = this.#works.get(group)
      if (work === undefined) return [loop]
      if (seen.has(group)) return []
      seen.add(group)
      return work.subscriptions.loops
    })
  }

  get schedule(): ScheduleLoop {
    return this.#works.get(scheduleGroup)?.schedule ?? this.#observedSchedule
  }

  get relayStatus(): RelayStatus | undefined {
    return this.#works.get(relayGroup)?.relay?.status
  }

  get instance(): InstanceStatus {
    const { instance: name } = this.#options
    const { groups, failure } = this.#keeper
    const notBegun = this.#keeper.notBegun.filter(({ group }) => this.#holderOf(group) === undefined)
    return {
      name,
      groups,
      ...(this.#core.broker.capabilities.relay
        ? { relayedBy: groups.includes(relayGroup) ? name : (this.#holderOf(relayGroup) ?? null) }
        : {}),
      ...(failure === undefined ? {} : { error: failure }),
      ...(notBegun.length === 0 ? {} : { notBegun }),
    }
  }

  async relayAtRest(): Promise<boolean> {
    const { broker, service, eventLogHead } = this.#core
    if (!broker.capabilities.relay) return true
    const relay = this.#works.get(relayGroup)?.relay
    if (relay !== undefined) return relay.atRest
    const published = await Promise.resolve(broker.published(service.name)).catch(() => undefined)
    return (published?.position ?? '') >= eventLogHead
  }

  rebuildOf(readModel: string): RebuildProgress | undefined {
    return this.#workOf(readModel)?.rebuilds.progressOf(readModel)
  }

  async rebuild(readModel: string, onProgress?: (progress: RebuildProgress) => void): Promise<void> {
    const work = this.#workOf(readModelNamed(this.#core, readModel).name)
    if (work === undefined) return askForRebuild(this.#core, readModel, this.#closing.signal)
    const { generation } = this.#core.generations.of(readModelNamed(this.#core, readModel))
    try {
      await work.rebuilds.rebuild(readModel, onProgress)
    } catch (error) {
      const isGivenAway = isTidingsError(error, 'CLOSED') || isTidingsError(error, 'LEASE_LOST')
      if (!isGivenAway || this.#closing.signal.aborted) throw error
      await this.#rebuiltElsewhere(readModel, generation)
    }
  }

  // The read model has gone to another instance while it was rebuilt here, and that goes on with it.
  async #rebuiltElsewhere(name: string, from: number): Promise<void> {
    const { generations, store } = this.#core
    const readModel = readModelNamed(this.#core, name)
    await generations.refresh(store, readModel)
    const { generation, rebuilding } = generations.of(readModel)
    if (generation > from) return
    if (rebuilding === undefined) await askForRebuild(this.#core, name, this.#closing.signal)
    else await rebuildElsewhere(this.#core, readModel, rebuilding, this.#closing.signal)
  }

  async end(): Promise<void> {
    this.#closing.abort()
    await this.#keeper.close()
    for (const loop of this.#observed) await loop.close()
  }

  #workOf(readModel: string): ServiceWork | undefined {
    return this.#works.get(readModelGroup(readModelNamed(this.#core, readModel)))
  }

  async #observe(): Promise<void> {
    const kept = await keptSubscriptions(this.#core, this.#closing.signal)
    this.#observed = kept.map(
      (subscription) => new ObservedLoop(subscription, () => this.#holderOf(subscription.group)),
    )
    for (const loop of this.#observed) {
      const { kind, subscriber } = loop.subscription
      const replica = kind === 'replica' && this.#core.readModels.find((other) => other.subscriber === subscriber)
      if (replica) announceReplica(replica, loop, () => this.loops)
    }
    this.leftBehind = await findLeftBehind(this.#core, kept, onlyWhileRunning)
  }

  // The instance that does a group now, according to the last look.
  #holderOf(group: string): string | undefined {
    const all = this.#leases
    return all === undefined || isFree(all, group) ? undefined : all.leases.get(group)?.holder
  }

  #groups(): readonly string[] {
    const { broker, readModels } = this.#core
    const ofSubscriptions = this.#observed.map(({ subscription }) => subscription.group)
    const relays = broker.capabilities.relay ? [relayGroup] : []
    return [...new Set([...readModels.map(readModelGroup), ...ofSubscriptions, scheduleGroup, ...relays])]
  }

  async #begin(tenure: Tenure): Promise<void> {
    const ending = new AbortController()
    tenure.signal.addEventListener('abort', () => ending.abort(), { once: true })
    const begun = ServiceWork.begin(this.#core.within(tenure), {
      recovering: tenure.isAfterDeath,
      ticked: this.#options.ticked,
      ending,
      does: (group) => group === tenure.group,
      elsewhere: () => this.loops,
    })
    this.#begun.set(tenure, begun)
    const work = await begun
    if (this.#begun.has(tenure)) this.#works.set(tenure.group, work)
  }

  async #end(tenure: Tenure): Promise<void> {
    const begun = this.#begun.get(tenure)
    this.#begun.delete(tenure)
    const work = await begun?.catch(() => undefined)
    if (this.#works.get(tenure.group) === work) this.#works.delete(tenure.group)
    await work?.end(this.#closing.signal)
  }

  // Other instances, and operators through them, have changed what is stored.
  async #looked(leases: Leases): Promise<void> {
    this.#leases = leases
    const known = this.#core.code
    for (const { code } of leases.instances.values()) known.newest = Math.max(known.newest, code)
    const { generations, readModels, store } = this.#core
    const loops = this.loops
    const keys = loops.map(({ subscription }) => subscription.key)
    const checkpoints = keys.length === 0 ? [] : await store.getMany(systemTables.checkpoints, keys)
    for (const [index, loop] of loops.entries()) {
      const followed = loop.followTo(checkpoints[index]?.revision ?? 0)
      // A loop that runs here does that between two of its passes.
      if (loop instanceof ObservedLoop) await followed
      else followed.catch(() => {})
    }
    // Commands and handlers read the generation that this instance knows: it knows of a switch before the replaced tables are deleted.
    if (this.#isPrepared) await generations.refreshAll(store, readModels)
    for (const readModel of readModels) {
      const group = readModelGroup(readModel)
      this.#works.get(group)?.rebuilds.resume((other) => other === group)
    }
  }
}
