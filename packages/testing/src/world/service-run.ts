// Starts and ends runs of services on one engine, each as if it had a process of its own.

import { isTidingsError, type Service, TidingsError } from 'tidings'
import type { Broker, Engine, Lookups, Store } from 'tidings/ports'
import { answerLookup, type Environment, renamedServices, ServiceRuntime } from 'tidings/runtime'
import { describeUnit, type ManualWorld } from './manual-world.ts'
import { type CrashMoment, RunLifetime } from './run-lifetime.ts'

/** A service that runs. */
export interface ServiceRun {
  readonly service: Service
  readonly runtime: ServiceRuntime
  readonly lifetime: RunLifetime
  /** The store itself, for the time after the run. */
  readonly store: Store
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
  readonly #ending = new Set<Promise<void>>()

  constructor(world: ManualWorld, engine: Engine, options: RunOptions) {
    this.#world = world
    this.#engine = engine
    this.#options = options
    this.#wrap = options.wrap ?? unwrapped
  }

  get running(): ReadonlyMap<string, ServiceRun> {
    return this.#running
  }

  /** The run of a service; throws `UNKNOWN_SERVICE` if it does not run. */
  of(name: string): ServiceRun {
    const run = this.#running.get(name)
    if (run !== undefined) return run
    throw new TidingsError('UNKNOWN_SERVICE', `Service ${name} does not run in this session.`, {
      details: { running: [...this.#running.keys()] },
    })
  }

  /** Starts a service on its store. */
  async start(service: Service, standIn = false): Promise<ServiceRun> {
    await Promise.all(this.#ending)
    const { name, was } = service
    if (was !== undefined) await this.#world.outside(Promise.resolve(this.#engine.renameStore?.(was, name)))
    const renamed = renamedServices([service, ...[...this.#running.values()].map((run) => run.service)])
    const store = await this.#world.outside(Promise.resolve(this.#engine.openStore(name)))
    const lifetime = new RunLifetime(name, {
      committed: (unit) => this.#world.note(name, describeUnit(unit)),
      killed: () => this.crash(name),
      interleave: () => this.#world.interleave(),
      outside: (closing) => this.#world.outside(closing),
    })
    const lookups: Lookups = { ask: (request) => this.#ask(request) }
    try {
      const runtime = await lifetime.unlessKilled(
        ServiceRuntime.create(this.#wrap.service(this.#withPolls(service), lifetime), {
          store: lifetime.store(this.#wrap.store(store, lifetime)),
          broker: lifetime.broker(this.#wrap.broker(this.#engine.broker, lifetime)),
          environment: lifetime.environment(this.#wrap.environment(this.#world.environment, lifetime)),
          lookups: lifetime.lookups(this.#wrap.lookups(lookups, lifetime)),
          renamed,
        }),
      )
      const run = { service, runtime, lifetime, store, standIn }
      this.#running.set(name, run)
      this.#world.note(name, 'starts')
      return run
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** Ends a run gracefully. */
  async stop(name: string): Promise<void> {
    const { lifetime, runtime } = this.of(name)
    try {
      await lifetime.unlessKilled(runtime.close())
    } catch (error) {
      // If the run was ordered to die at its next commit, its last one has killed it.
      if (!this.#running.has(name)) return
      throw error
    }
    this.#running.delete(name)
    this.#world.note(name, 'stops')
  }

  /** Removes a run from the list without ending it: the caller is responsible for it from now on. */
  detach(name: string): ServiceRun {
    const run = this.of(name)
    this.#running.delete(name)
    return run
  }

  /** Ends a run as a killed process does. */
  crash(name: string): void {
    const run = this.of(name)
    run.lifetime.kill()
    this.#running.delete(name)
    this.#world.note(name, 'crashes')
    const closed = this.#world.outside(run.store.close()).finally(() => this.#ending.delete(closed))
    this.#ending.add(closed)
  }

  /** Ends a run as a killed process does, before or after its next commit. */
  crashAt(name: string, point: CrashMoment): void {
    this.of(name).lifetime.killAt(point)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)))
    await Promise.all(this.#ending)
  }

  #withPolls(service: Service): Service {
    return { ...service, limits: { ...service.limits, pollMs: this.#options.pollMs } }
  }

  async #ask(request: Parameters<Lookups['ask']>[0]) {
    const owner = this.#running.get(request.service)
    if (owner !== undefined && !owner.standIn)
      return owner.lifetime.unlessKilled(answerLookup(owner.runtime, request)).catch(asUnavailable)
    const { lookups } = this.#options
    if (lookups !== undefined) return lookups.ask(request)
    throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${request.service} does not run in this session.`)
  }
}

// Across processes, a crash or a stop of the owner looks like an owner that does not answer.
function asUnavailable(error: unknown): never {
  if (isTidingsError(error, 'CLOSED'))
    throw new TidingsError('LOOKUP_UNAVAILABLE', 'The owner of the query ended before it answered.', { cause: error })
  throw error
}
