// The system that a schedule is played on: simulated time, an engine, a run of each service or of several instances of it, and the active faults.
// Invariant: everything that happens follows from the seed, and a fault that ends leaves nothing behind.

import type { Service } from 'tidings'
import { isTidingsError } from 'tidings'
import type { Driver, Engine, Store } from 'tidings/ports'
import { createManualWorld, type ManualWorld } from '../../world/manual-world.ts'
import type { RunLifetime } from '../../world/run-lifetime.ts'
import { type PortWrappers, type ServiceRun, ServiceRuns } from '../../world/service-run.ts'
import { type Chance, createChance } from '../random/chance.ts'
import { Deployments } from './deployments.ts'
import type { HostClocks } from './host-clocks.ts'
import { Instances } from './instances.ts'
import type { Interceptor } from './interceptor.ts'
import { type EngineParts, openEngine } from './open-engine.ts'
import type { PortCall } from './port-call.ts'

/** What a simulated system is made of. */
export interface SystemOptions {
  readonly seed: number
  readonly services: readonly Service[]
  readonly start: Date | undefined
  readonly pollMs: number
  /** How many instances of each service run at first. If it is more than one, they share stores with many writers, and their number may change. */
  readonly instances: number
  /** Whether the clocks of the instances' hosts differ. */
  readonly clocksDiffer: boolean
  /** Whether older code runs at first. */
  readonly deploys: boolean
  /** Whether stores and broker answer later. */
  readonly answersLater: boolean
  /** The most callbacks at one moment. If there are more, time has stopped passing. Default: 50,000. */
  readonly callbacksMax: number | undefined
  readonly engineMsMax: number | undefined
  /** Wraps the ports of every run, and its service. */
  readonly wrap: (system: SimulatedSystem) => PortWrappers
}

/** A run of the shop or the chat needs some hundreds at one moment. */
const defaultCallbacksMax = 50_000

/** A promise that never resolves, given to callers in a killed process. A new one each time: a shared one would keep every waiting run in memory. */
export function never(): Promise<never> {
  return new Promise(() => {})
}

/** What the functions of process managers have returned so far, in runs that were rolled back too. */
export interface ProcessRuns {
  /** Whether the latest run on an event has decided facts, by `<process> <event id>`. */
  readonly decided: Map<string, boolean>
  /** Repeating timers that were set, by `<process> <timer>`. */
  readonly repeated: Set<string>
}

/** A simulated system. */
export class SimulatedSystem {
  readonly world: ManualWorld
  readonly engine: Engine
  /** The stores that are open now, without wrappers. */
  readonly stores: ReadonlyMap<string, Store>
  readonly runs: ServiceRuns
  readonly services: ReadonlyMap<string, Service>
  /** Random choices of active faults. */
  readonly chance: Chance
  /** How many faults of each kind took effect; crashes by their point. */
  readonly faultCounts = new Map<string, number>()
  /** How many events were committed, events handled, executions recorded and operations counted so far. */
  readonly counts = { events: 0, handled: 0, runs: 0, operations: 0 }
  /** What the functions of process managers have returned so far. */
  readonly processRuns: ProcessRuns = { decided: new Map(), repeated: new Set() }
  /** The latest time that the clock has shown. */
  #latestMs = 0
  readonly #interceptors = new Set<Interceptor>()
  readonly #counted = new WeakSet<object>()
  readonly #lifetimes = new Map<string, RunLifetime>()
  /** What ends faults, with its moment on the monotonic clock. */
  readonly #endings = new Map<() => void, number>()
  /** The clocks of the hosts of instances; absent if each service runs once. */
  readonly clocks: HostClocks | undefined
  /** Which code the instances run. */
  readonly deployments: Deployments
  readonly #instances: Instances
  /** What ends pauses, with its moment on the monotonic clock. */
  readonly #pauses = new Map<() => void, number>()
  /** Until when instances stay down, on the monotonic clock. */
  readonly #downUntil = new Map<string, number>()
  readonly #starting = new Map<string, Promise<void>>()
  readonly #retiring = new Map<string, Promise<void>>()

  private constructor(world: ManualWorld, parts: EngineParts, options: SystemOptions) {
    const { seed, services, pollMs } = options
    this.world = world
    this.engine = parts.engine
    this.stores = parts.stores
    this.services = new Map(services.map((service) => [service.name, service]))
    this.chance = createChance(seed ^ 0xfa17)
    this.clocks = parts.clocks
    this.#instances = new Instances(services, options.instances)
    this.deployments = new Deployments(services, seed, options.deploys && options.instances > 1)
    const callers = createChance(seed ^ 0xca11)
    this.runs = new ServiceRuns(world, parts.engine, {
      lookups: undefined,
      pollMs,
      leaseMs: createChance(seed ^ 0x1ea5e).pick(leasesMs),
      wrap: options.wrap(this),
      choose: (count) => callers.whole(0, count - 1),
      ...(parts.openHandle === undefined ? {} : { openHandle: parts.openHandle }),
    })
  }

  /** Opens a fresh engine for a system; no service runs yet. */
  static async open(driver: Driver, options: SystemOptions): Promise<SimulatedSystem> {
    const { seed, start, callbacksMax = defaultCallbacksMax, engineMsMax } = options
    const world = createManualWorld(seed, start, true, callbacksMax, engineMsMax)
    return new SimulatedSystem(world, await openEngine(driver, world, options), options)
  }

  /** Whether services may have several instances. */
  get several(): boolean {
    return this.#instances.several
  }

  /** Ends all runs and closes the engine. */
  async close(): Promise<void> {
    const { world, runs, engine } = this
    this.#interceptors.clear()
    world.note('the world', 'the run ends')
    for (const instance of [...runs.running.keys()]) runs.crash(instance)
    await world.drive(runs.close().then(() => world.outside(engine.close())))
  }

  /** Activates a fault; returns the function that ends it. */
  intercept(interceptor: Interceptor): () => void {
    this.#interceptors.add(interceptor)
    return () => {
      this.#interceptors.delete(interceptor)
    }
  }

  get interceptors(): ReadonlySet<Interceptor> {
    return this.#interceptors
  }

  /** Makes a call through all active faults. */
  async call<T>(portCall: PortCall, make: () => T | Promise<T>): Promise<T> {
    if (this.#interceptors.size === 0) return make()
    for (const interceptor of [...this.#interceptors]) await interceptor.before?.(portCall)
    const answer = await make()
    for (const interceptor of [...this.#interceptors]) await interceptor.after?.(portCall)
    return answer
  }

  /** Notes in the trace that a fault took effect; each fault is counted once. */
  noteFault(fault: object, service: string, what: string, name = (fault as { readonly fault: string }).fault): void {
    if (!this.#counted.has(fault)) this.faultCounts.set(name, (this.faultCounts.get(name) ?? 0) + 1)
    this.#counted.add(fault)
    this.world.note(service, `FAULT ${what}`)
  }

  /** Ends a fault after so many simulated milliseconds, or when all faults end, whichever comes first. */
  endAfter(ms: number, end: () => void): void {
    const once = () => {
      if (!this.#endings.delete(once)) return
      cancel()
      end()
    }
    const cancel = this.world.environment.timeouts.after(ms, once)
    this.#endings.set(once, this.world.environment.clock.monotonicMs() + ms)
  }

  /** A pause in simulated time. */
  pause(ms: number): Promise<void> {
    const { clock, timeouts } = this.world.environment
    return new Promise((resolve) => {
      const end = () => {
        this.#pauses.delete(end)
        resolve()
      }
      this.#pauses.set(end, clock.monotonicMs() + ms)
      timeouts.after(ms, end)
    })
  }

  /** How long until the next fault or pause ends, in milliseconds; `undefined` if there is none. */
  nextEndMs(): number | undefined {
    if (this.#endings.size + this.#pauses.size === 0) return undefined
    const next = Math.min(...this.#endings.values(), ...this.#pauses.values())
    return next - this.world.environment.clock.monotonicMs()
  }

  /** The lifetime of an instance's current run; `undefined` if it is down. */
  lifetimeOf(instance: string): RunLifetime | undefined {
    return this.#lifetimes.get(instance)
  }

  /** The instances of a service that are to run. */
  instancesOf(service: string): readonly string[] {
    return this.#instances.wanted(service)
  }

  /** One of the instances of a service that are to run. */
  pickInstance(service: string): string {
    const [first = service, ...others] = this.instancesOf(service)
    return others.length === 0 ? first : this.chance.pick([first, ...others])
  }

  /** A run of each service, as an operator reaches it: any instance. */
  reachEach(): readonly ServiceRun[] {
    const names = new Set([...this.runs.running.values()].map(({ service }) => service.name))
    return [...names].map((name) => this.runs.reach(name))
  }

  /** The runs that do not stand still. */
  awake(): readonly ServiceRun[] {
    return [...this.runs.running.values()].filter(({ lifetime }) => !lifetime.isPaused)
  }

  /** Called by each run that starts. */
  runStarted(lifetime: RunLifetime): void {
    this.#lifetimes.set(lifetime.instance, lifetime)
  }

  /** Kills the current run of an instance, if there is one, and restarts it after this time. */
  kill(instance: string, downMs: number): void {
    this.#downUntil.set(instance, this.world.environment.clock.monotonicMs() + downMs)
    this.#killRun(instance)
    this.endAfter(downMs, () => void this.start(instance))
  }

  /** Detaches the current run of an instance, which stays alive, and starts a new one after this time. */
  detach(instance: string, downMs: number): ServiceRun | undefined {
    const run = this.runs.running.get(instance)
    if (run === undefined || this.#lifetimes.get(instance) !== run.lifetime) return undefined
    this.runs.detach(instance)
    this.#lifetimes.delete(instance)
    this.#downUntil.set(instance, this.world.environment.clock.monotonicMs() + downMs)
    this.endAfter(downMs, () => void this.start(instance))
    return run
  }

  /** Starts and stops instances until so many of a service run. */
  scale(service: string, count: number): void {
    const before = this.instancesOf(service)
    this.#instances.want(service, count)
    const wanted = this.instancesOf(service)
    for (const instance of before) if (!wanted.includes(instance)) void this.#retire(instance)
    for (const instance of wanted) void this.start(instance)
  }

  /** Stops an instance and starts it again. */
  restart(instance: string): Promise<void> {
    return this.#retire(instance)
  }

  /** Starts an instance as a supervisor does: it tries again until the instance runs, unless it has to stay down. */
  start(instance: string): Promise<void> {
    const present = this.#starting.get(instance)
    if (present !== undefined) return present
    const starting = this.#start(instance).finally(() => this.#starting.delete(instance))
    this.#starting.set(instance, starting)
    return starting
  }

  async #start(instance: string): Promise<void> {
    const name = this.#instances.serviceOf(instance)
    const service = this.services.get(name) as Service
    while (!this.runs.running.has(instance) && this.instancesOf(name).includes(instance)) {
      const waitMs = (this.#downUntil.get(instance) ?? 0) - this.world.environment.clock.monotonicMs()
      if (waitMs > 0) return
      try {
        await this.runs.start(this.deployments.codeOf(instance, service), false, instance)
      } catch (error) {
        if (!isTransient(error)) throw error
        await this.pause(restartMs)
      }
    }
  }

  // Stops an instance as a supervisor does: it is killed if it takes too long, and started again if it is wanted again.
  #retire(instance: string): Promise<void> {
    const present = this.#retiring.get(instance)
    if (present !== undefined) return present
    const retiring = this.#stop(instance).finally(async () => {
      this.#retiring.delete(instance)
      await this.start(instance)
    })
    this.#retiring.set(instance, retiring)
    return retiring
  }

  async #stop(instance: string): Promise<void> {
    await this.#starting.get(instance)
    if (!this.runs.running.has(instance)) return
    const stopping = this.runs.stop(instance).then(
      () => true,
      (error: unknown) => {
        if (!isTransient(error)) throw error
        return false
      },
    )
    const isStopped = await Promise.race([stopping, this.pause(stopMsMax).then(() => false)])
    if (isStopped) this.#lifetimes.delete(instance)
    else this.#killRun(instance)
  }

  #killRun(instance: string): void {
    const lifetime = this.#lifetimes.get(instance)
    this.#lifetimes.delete(instance)
    if (this.runs.running.get(instance)?.lifetime === lifetime && lifetime !== undefined) this.runs.crash(instance)
    else lifetime?.kill()
  }

  /** Sets the time of day, forwards or back. */
  setClock(byMs: number): void {
    const now = this.world.environment.clock.now()
    this.#latestMs = Math.max(this.#latestMs, now)
    this.world.setNow(now + byMs)
  }

  /** Ends all faults, deploys newer code everywhere, and starts the services that are down. A clock that was set back returns to the latest time it has shown, so that timers of that time come due. */
  async endFaults(): Promise<void> {
    this.#interceptors.clear()
    this.world.setNow(Math.max(this.#latestMs, this.world.environment.clock.now()))
    this.#downUntil.clear()
    // Ending one fault may add another ending.
    while (this.#endings.size > 0) for (const end of [...this.#endings.keys()]) end()
    await Promise.all(this.#retiring.values())
    for (const name of this.services.keys())
      for (const instance of this.instancesOf(name)) {
        if (this.deployments.deploy(instance, name, 'newer')) await this.restart(instance)
        await this.start(instance)
      }
  }
}

const restartMs = 250
/** How long leases last: as long as by default, or longer, which costs less simulated work while nothing happens. */
const leasesMs = [10_000, 40_000, 60_000]
/** How long an instance that is stopped may take before it is killed. */
const stopMsMax = 30_000

function isTransient(error: unknown): boolean {
  return isTidingsError(error) && transientCodes.has(error.code)
}

/** Errors of a start after which it is tried again. */
const transientCodes = new Set(['CLOSED', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE', 'STORE_LOCKED', 'CONFLICT'])
