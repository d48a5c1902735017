// The system that a schedule is played on: simulated time, an engine, a run of each service, and the faults that are active.
// Invariant: everything that happens follows from the seed, and a fault that ends leaves nothing behind.

import type { Service } from 'tidings'
import { isTidingsError } from 'tidings'
import type { Driver, Engine, Store } from 'tidings/ports'
import { answerLater } from '../../world/answer-later.ts'
import { createManualWorld, type ManualWorld } from '../../world/manual-world.ts'
import type { RunLifetime } from '../../world/run-lifetime.ts'
import { type PortWrappers, ServiceRuns } from '../../world/service-run.ts'
import { type Chance, createChance } from '../random/chance.ts'
import type { Interceptor } from './interceptor.ts'
import type { PortCall } from './port-call.ts'
import { withStoreTakeover } from './store-takeover.ts'

/** What a simulated system is made of. */
export interface SystemOptions {
  readonly seed: number
  readonly services: readonly Service[]
  readonly start: Date | undefined
  readonly pollMs: number
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
  readonly #endings = new Set<() => void>()
  /** Until when services stay down, on the monotonic clock. */
  readonly #downUntil = new Map<string, number>()
  readonly #starting = new Map<string, Promise<void>>()

  private constructor(world: ManualWorld, engine: Engine, options: SystemOptions) {
    this.world = world
    const takeover = withStoreTakeover(engine)
    this.engine = options.answersLater ? answerLater(takeover.engine, world.late) : takeover.engine
    this.stores = takeover.open
    this.services = new Map(options.services.map((service) => [service.name, service]))
    this.chance = createChance(options.seed ^ 0xfa17)
    const wrap = options.wrap(this)
    this.runs = new ServiceRuns(this.world, this.engine, { lookups: undefined, pollMs: options.pollMs, wrap })
  }

  /** Opens a fresh engine for a system; no service runs yet. */
  static async open(driver: Driver, options: SystemOptions): Promise<SimulatedSystem> {
    const { seed, start, callbacksMax = defaultCallbacksMax, engineMsMax } = options
    const world = createManualWorld(seed, start, true, callbacksMax, engineMsMax)
    return new SimulatedSystem(world, await driver.open(world.environment), options)
  }

  /** Ends all runs and closes the engine. */
  async close(): Promise<void> {
    const { world, runs, engine } = this
    this.#interceptors.clear()
    world.note('the world', 'the run ends')
    for (const name of [...runs.running.keys()]) runs.crash(name)
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
    this.#endings.add(once)
  }

  /** A pause in simulated time. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.environment.timeouts.after(ms, resolve))
  }

  /** The lifetime of a service's current run; `undefined` if it is down. */
  lifetimeOf(service: string): RunLifetime | undefined {
    return this.#lifetimes.get(service)
  }

  /** Called by each run that starts. */
  runStarted(lifetime: RunLifetime): void {
    this.#lifetimes.set(lifetime.service, lifetime)
  }

  /** Kills the current run of a service, if there is one, and restarts it after this time. */
  kill(service: string, downMs: number): void {
    this.#downUntil.set(service, this.world.environment.clock.monotonicMs() + downMs)
    const lifetime = this.#lifetimes.get(service)
    this.#lifetimes.delete(service)
    if (this.runs.running.get(service)?.lifetime === lifetime && lifetime !== undefined) this.runs.crash(service)
    else lifetime?.kill()
    this.endAfter(downMs, () => void this.start(service))
  }

  /** Detaches the current run of a service, which stays alive, and starts a new one after this time. */
  detach(service: string, downMs: number): RunLifetime | undefined {
    const run = this.runs.running.get(service)
    if (run === undefined || this.#lifetimes.get(service) !== run.lifetime) return undefined
    this.runs.detach(service)
    this.#lifetimes.delete(service)
    this.#downUntil.set(service, this.world.environment.clock.monotonicMs() + downMs)
    this.endAfter(downMs, () => void this.start(service))
    return run.lifetime
  }

  /** Starts a service as a supervisor does: it tries again until the service runs, unless it has to stay down. */
  start(name: string): Promise<void> {
    const present = this.#starting.get(name)
    if (present !== undefined) return present
    const starting = this.#start(name).finally(() => this.#starting.delete(name))
    this.#starting.set(name, starting)
    return starting
  }

  async #start(name: string): Promise<void> {
    const service = this.services.get(name) as Service
    while (!this.runs.running.has(name)) {
      const waitMs = (this.#downUntil.get(name) ?? 0) - this.world.environment.clock.monotonicMs()
      if (waitMs > 0) return
      try {
        await this.runs.start(service)
      } catch (error) {
        const code = isTidingsError(error) ? error.code : undefined
        if (code === undefined || !transientCodes.has(code)) throw error
        await this.pause(restartMs)
      }
    }
  }

  /** Sets the time of day, forwards or back. */
  setClock(byMs: number): void {
    const now = this.world.environment.clock.now()
    this.#latestMs = Math.max(this.#latestMs, now)
    this.world.setNow(now + byMs)
  }

  /** Ends all faults and starts the services that are down. A clock that was set back returns to the latest time it has shown, so that timers of that time come due. */
  async endFaults(): Promise<void> {
    this.#interceptors.clear()
    this.world.setNow(Math.max(this.#latestMs, this.world.environment.clock.now()))
    this.#downUntil.clear()
    // Ending one fault may add another ending.
    while (this.#endings.size > 0) for (const end of [...this.#endings]) end()
    for (const name of this.services.keys()) await this.start(name)
  }
}

const restartMs = 250
/** Errors of a start after which it is tried again. */
const transientCodes = new Set(['CLOSED', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE', 'STORE_LOCKED', 'CONFLICT'])
