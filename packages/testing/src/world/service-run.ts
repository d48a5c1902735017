// Starts and ends runs of services on one engine, each as if it had a process of its own. Several instances of a service share its store; each has
// a name (`orders.2`) and a handle of the engine of its own. Invariant: one run at a time has a name, save those that were detached.

import { isTidingsError, type Service, TidingsError } from 'tidings'
import type { Broker, CommitUnit, Engine, Lookups, Store } from 'tidings/ports'
import { answerLookup, type Environment, renamedServices, ServiceRuntime } from 'tidings/runtime'
import { describeUnit, type ManualWorld } from './manual-world.ts'
import { type CrashMoment, type LifetimeObserver, RunLifetime } from './run-lifetime.ts'

/** A service that runs. */
export interface ServiceRun {
  readonly service: Service
  /** The name of the instance; that of the service, if it has one. */
  readonly instance: string
  readonly runtime: ServiceRuntime
  readonly lifetime: RunLifetime
  /** The store itself, for the time after the run. */
  readonly store: Store
  /** Closes the store, and the handle of the engine if the run has its own: what the operating system does for a process that has died. */
  readonly release: () => Promise<void>
  /** Whether it is a stand-in: it only has an event log, to which the test publishes, and answers nothing. */
  readonly standIn: boolean
}

/** Wraps a service and the ports of its run. */
export interface PortWrappers {
  service(service: Service, lifetime: RunLifetime): Service
  store(store: Store, lifetime: RunLifetime): Store
  broker(broker: Broker, lifetime: RunLifetime): Broker
  lookups(lookups: Lookups, lifetime: RunLifetime): Lookups
  environment(environment: Environment, lifetime: RunLifetime): Environment
}

const unwrapped: PortWrappers = {
  service: (service) => service,
  store: (store) => store,
  broker: (broker) => broker,
  lookups: (lookups) => lookups,
  environment: (environment) => environment,
}

/** What all runs of a session have. */
export interface RunOptions {
  /** Answers lookups to services that do not run here. */
  readonly lookups: Lookups | undefined
  /** Replaces the services' own limit. */
  readonly pollMs: number
  /** Replaces the services' own limit. Default: theirs. */
  readonly leaseMs?: number
  /** Opens an engine for one instance alone, for stores that several share. Default: all runs use one engine. */
  readonly openHandle?: (instance: string) => Promise<Engine>
  /** Chooses among so many instances, from 0. Default: the first. */
  readonly choose?: (count: number) => number
  /** Wraps the service and the ports of each run. Default: no wrapper. */
  readonly wrap?: PortWrappers
}

/** The runs of a session. */
export class ServiceRuns {
  readonly #world: ManualWorld
  readonly #engine: Engine
  readonly #options: RunOptions
  readonly #wrap: PortWrappers
  readonly #running = new Map<string, ServiceRun>()
  readonly #detached = new Set<ServiceRun>()
  readonly #ending = new Set<Promise<void>>()

  constructor(world: ManualWorld, engine: Engine, options: RunOptions) {
    this.#world = world
    this.#engine = engine
    this.#options = options
    this.#wrap = options.wrap ?? unwrapped
  }

  /** By the names of instances. */
  get running(): ReadonlyMap<string, ServiceRun> {
    return this.#running
  }

  /** The run of an instance; throws `UNKNOWN_SERVICE` if it does not run. */
  of(instance: string): ServiceRun {
    return this.#running.get(instance) ?? this.#unknown(instance)
  }

  /** The instances of a service that run. */
  instancesOf(service: string): readonly ServiceRun[] {
    return [...this.#running.values()].filter((run) => run.service.name === service)
  }

  /** An instance of a service that runs, as a caller reaches it: any of them; throws `UNKNOWN_SERVICE` if none runs. */
  reach(service: string, isSuitable: (run: ServiceRun) => boolean = () => true): ServiceRun {
    const present = this.instancesOf(service).filter(isSuitable)
    const place = present.length < 2 ? 0 : (this.#options.choose?.(present.length) ?? 0)
    return present[place] ?? this.#unknown(service)
  }

  /** Starts a service on its store, as the instance of this name. */
  async start(service: Service, standIn = false, instance = service.name): Promise<ServiceRun> {
    await Promise.all(this.#ending)
    const { name, was } = service
    const others = [...this.#running.values()].map((run) => run.service)
    if (was !== undefined && !others.some((other) => other.name === name))
      await this.#world.outside(Promise.resolve(this.#engine.renameStore?.(was, name)))
    const { store, broker, release } = await this.#openStore(name, instance)
    const lifetime = this.#lifetimeOf(name, instance)
    const lookups: Lookups = { ask: (request) => this.#ask(request) }
    try {
      const runtime = await lifetime.unlessKilled(
        ServiceRuntime.create(this.#wrap.service(this.#withLimits(service), lifetime), {
          store: lifetime.store(this.#wrap.store(store, lifetime)),
          broker: lifetime.broker(this.#wrap.broker(broker, lifetime)),
          environment: lifetime.environment(this.#wrap.environment(this.#world.environment, lifetime)),
          lookups: lifetime.lookups(this.#wrap.lookups(lookups, lifetime)),
          renamed: renamedServices([service, ...others]),
          instance,
        }),
      )
      const run = { service, instance, runtime, lifetime, store, release, standIn }
      this.#running.set(instance, run)
      this.#world.note(instance, 'starts')
      return run
    } catch (error) {
      await release()
      throw error
    }
  }

  /** Ends a run gracefully. */
  async stop(instance: string): Promise<void> {
    const run = this.of(instance)
    const { lifetime, runtime } = run
    try {
      await lifetime.unlessKilled(runtime.close())
    } catch (error) {
      // If it was killed meanwhile, that has ended it: by an order to die at its next commit, for example.
      if (this.#running.get(instance) !== run) return
      throw error
    }
    this.#running.delete(instance)
    this.#world.note(instance, 'stops')
    if (this.#options.openHandle !== undefined) this.#end(run)
  }

  /** Removes a run from the list without ending it: it lives on beside the one that gets its name. */
  detach(instance: string): ServiceRun {
    const run = this.of(instance)
    this.#running.delete(instance)
    this.#detached.add(run)
    return run
  }

  /** Ends a run that was detached as a killed process does. */
  endDetached(run: ServiceRun): void {
    run.lifetime.kill()
    // Without a handle of its own, its store is the one that its successor has open.
    if (this.#detached.delete(run) && this.#options.openHandle !== undefined) this.#end(run)
  }

  /** Ends a run as a killed process does. */
  crash(instance: string): void {
    const run = this.of(instance)
    run.lifetime.kill()
    this.#running.delete(instance)
    this.#world.note(instance, 'crashes')
    this.#end(run)
  }

  /** Ends a run as a killed process does, before or after its next commit. */
  crashAt(instance: string, point: CrashMoment): void {
    this.of(instance).lifetime.killAt(point)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((instance) => this.stop(instance)))
    for (const run of [...this.#detached]) this.endDetached(run)
    await Promise.all(this.#ending)
  }

  #end({ release }: ServiceRun): void {
    const ended = this.#world.outside(release()).finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
  }

  #lifetimeOf(service: string, instance: string): RunLifetime {
    const observer: LifetimeObserver = {
      committed: (unit) => {
        if (!isHeartbeat(unit)) this.#world.note(instance, describeUnit(unit))
      },
      killed: () => this.crash(instance),
      interleave: () => this.#world.interleave(),
      outside: (closing) => this.#world.outside(closing),
    }
    return new RunLifetime(service, observer, instance)
  }

  async #openStore(
    service: string,
    instance: string,
  ): Promise<Pick<ServiceRun, 'store' | 'release'> & Pick<Engine, 'broker'>> {
    const handle = await this.#options.openHandle?.(instance)
    const engine = handle ?? this.#engine
    const store = await this.#world.outside(Promise.resolve(engine.openStore(service)))
    const release = async () => {
      await store.close()
      await handle?.close()
    }
    return { store, broker: engine.broker, release }
  }

  #unknown(name: string): never {
    throw new TidingsError('UNKNOWN_SERVICE', `Service ${name} does not run in this session.`, {
      details: { running: [...this.#running.keys()] },
    })
  }

  #withLimits(service: Service): Service {
    const { pollMs, leaseMs = service.limits.leaseMs } = this.#options
    return { ...service, limits: { ...service.limits, pollMs, leaseMs } }
  }

  async #ask(request: Parameters<Lookups['ask']>[0]) {
    const isOwner = (run: ServiceRun) => !run.standIn
    if (this.instancesOf(request.service).some(isOwner)) {
      const owner = this.reach(request.service, isOwner)
      return owner.lifetime.unlessKilled(answerLookup(owner.runtime, request)).catch(asUnavailable)
    }
    const { lookups } = this.#options
    if (lookups !== undefined) return lookups.ask(request)
    throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${request.service} does not run in this session.`)
  }
}

// A sign of life says nothing new, and each instance gives one every few seconds.
function isHeartbeat({ rows, events }: CommitUnit): boolean {
  return rows.length === 1 && rows[0]?.table === 'tidings.instances' && events.length === 0
}

// Across processes, a crash or a stop of the owner looks like an owner that does not answer.
function asUnavailable(error: unknown): never {
  if (isTidingsError(error, 'CLOSED'))
    throw new TidingsError('LOOKUP_UNAVAILABLE', 'The owner of the query ended before it answered.', { cause: error })
  throw error
}
