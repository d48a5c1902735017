// Where a schedule is played: a world, an engine, the runs of all services, and the faults that are at work.
// Invariant: whatever happens here follows from the seed; a fault that ends leaves nothing of itself behind.

import type { Service } from 'tidings'
import { isTidingsError } from 'tidings'
import type { Driver, Engine, Store } from 'tidings/ports'
import type { Life } from '../../world/life.ts'
import { createManualWorld, type ManualWorld } from '../../world/manual-world.ts'
import { type Between, ServiceRuns } from '../../world/service-run.ts'
import { type Chance, createChance } from '../random/chance.ts'
import type { Interceptor } from './interceptor.ts'
import type { Passage } from './port-call.ts'
import type { ProcessRuns } from '../instrumentation/observe-process.ts'
import { withSlots } from './store-slots.ts'

/** What a stage is made of. */
export interface StageOptions {
  readonly seed: number
  readonly services: readonly Service[]
  readonly start: Date | undefined
  readonly pollMs: number
  /** What is laid between runs and their world. */
  readonly between: (stage: Stage) => Between
}

/** The most callbacks at one moment of the world, before it is said that no time passes any more: a run of the shop or the chat has some hundreds. */
const callbacksMax = 50_000

/** Never comes: the answer to whoever has died meanwhile. One for each who waits: a promise keeps all who wait for it, and with them their runs. */
export function never(): Promise<never> {
  return new Promise(() => {})
}

/** A stage. */
export class Stage {
  readonly world: ManualWorld
  readonly engine: Engine
  /** The stores that are open now, without anything laid between. */
  readonly stores: ReadonlyMap<string, Store>
  readonly runs: ServiceRuns
  readonly services: ReadonlyMap<string, Service>
  /** Draws of faults while they are at work. */
  readonly chance: Chance
  /** How many faults of each kind have struck; crashes by their point. */
  readonly struck = new Map<string, number>()
  /** Events committed so far, and handlers' runs. */
  readonly counts = { events: 0, handled: 0, runs: 0, deeds: 0 }
  /** What is known of the functions of process managers. */
  readonly processRuns: ProcessRuns = { decided: new Map(), repeated: new Set() }
  /** The latest that the clock has shown before it was set back. */
  #latestMs = 0
  readonly #interceptors = new Set<Interceptor>()
  readonly #counted = new WeakSet<object>()
  readonly #lives = new Map<string, Life>()
  readonly #endings = new Set<() => void>()
  /** Services that stay down until a moment of the world's monotonic clock. */
  readonly #downUntil = new Map<string, number>()
  readonly #starting = new Map<string, Promise<void>>()

  private constructor(world: ManualWorld, engine: Engine, options: StageOptions) {
    this.world = world
    const slots = withSlots(engine)
    this.engine = slots.engine
    this.stores = slots.open
    this.services = new Map(options.services.map((service) => [service.name, service]))
    this.chance = createChance(options.seed ^ 0xfa17)
    const between = options.between(this)
    this.runs = new ServiceRuns(this.world, this.engine, { lookups: undefined, pollMs: options.pollMs, between })
  }

  /** Sets up a stage on a fresh engine; nothing runs yet. */
  static async open(driver: Driver, options: StageOptions): Promise<Stage> {
    const world = createManualWorld(options.seed, options.start, true, callbacksMax)
    const { clock, ids, scheduler } = world.host
    return new Stage(world, await driver.open({ clock, ids, scheduler }), options)
  }

  /** Ends all runs and closes the engine. */
  async close(): Promise<void> {
    const { world, runs, engine } = this
    this.#interceptors.clear()
    world.note('the world', 'the run ends')
    for (const name of [...runs.running.keys()]) runs.crash(name)
    await world.drive(runs.close().then(() => world.outside(engine.close())))
  }

  /** Puts a fault to work; gives the way to end it. */
  intercept(interceptor: Interceptor): () => void {
    this.#interceptors.add(interceptor)
    return () => {
      this.#interceptors.delete(interceptor)
    }
  }

  get interceptors(): ReadonlySet<Interceptor> {
    return this.#interceptors
  }

  /** Lets something pass all faults that are at work. */
  async pass<T>(passage: Passage, call: () => T | Promise<T>): Promise<T> {
    if (this.#interceptors.size === 0) return call()
    for (const interceptor of [...this.#interceptors]) await interceptor.before?.(passage)
    const answer = await call()
    for (const interceptor of [...this.#interceptors]) await interceptor.after?.(passage)
    return answer
  }

  /** Notes that a fault has struck; each is counted once, however often it does. */
  strike(fault: object, service: string, what: string, name = (fault as { readonly fault: string }).fault): void {
    if (!this.#counted.has(fault)) this.struck.set(name, (this.struck.get(name) ?? 0) + 1)
    this.#counted.add(fault)
    this.world.note(service, `FAULT ${what}`)
  }

  /** Runs something after so many milliseconds of the world's time, or when faults end, whichever comes first. */
  endAfter(ms: number, end: () => void): void {
    const once = () => {
      if (!this.#endings.delete(once)) return
      cancel()
      end()
    }
    const cancel = this.world.host.scheduler.after(ms, once)
    this.#endings.add(once)
  }

  /** A pause of the world's time. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.host.scheduler.after(ms, resolve))
  }

  /** The life that a service's present run has; `undefined` where it is down. */
  lifeOf(service: string): Life | undefined {
    return this.#lives.get(service)
  }

  /** Told by each run that begins. */
  begins(life: Life): void {
    this.#lives.set(life.service, life)
  }

  /** Kills the present run of a service, where there is one; it is started again after so long. */
  kill(service: string, downMs: number): void {
    this.#downUntil.set(service, this.world.host.clock.monotonicMs() + downMs)
    const life = this.#lives.get(service)
    this.#lives.delete(service)
    if (this.runs.running.get(service)?.life === life && life !== undefined) this.runs.crash(service)
    else life?.kill()
    this.endAfter(downMs, () => void this.start(service))
  }

  /** Takes the present run of a service aside, still alive; a new one is started after so long. */
  setAside(service: string, downMs: number): Life | undefined {
    const run = this.runs.running.get(service)
    if (run === undefined || this.#lives.get(service) !== run.life) return undefined
    this.runs.detach(service)
    this.#lives.delete(service)
    this.#downUntil.set(service, this.world.host.clock.monotonicMs() + downMs)
    this.endAfter(downMs, () => void this.start(service))
    return run.life
  }

  /** Starts a service as a supervisor does: again and again, unless it is meant to stay down. */
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
      const waitMs = (this.#downUntil.get(name) ?? 0) - this.world.host.clock.monotonicMs()
      if (waitMs > 0) return
      try {
        await this.runs.start(service)
      } catch (error) {
        const code = isTidingsError(error) ? error.code : undefined
        if (code === undefined || !passing.has(code)) throw error
        await this.pause(restartMs)
      }
    }
  }

  /** Sets the time of day, forwards or back. */
  setClock(byMs: number): void {
    const now = this.world.host.clock.now()
    this.#latestMs = Math.max(this.#latestMs, now)
    this.world.setNow(now + byMs)
  }

  /** Ends all faults and starts what is down. A clock that was set back is right again: whoever waits for a moment it has shown waits no longer. */
  async calm(): Promise<void> {
    this.#interceptors.clear()
    this.world.setNow(Math.max(this.#latestMs, this.world.host.clock.now()))
    this.#downUntil.clear()
    // An ending may begin what ends later.
    while (this.#endings.size > 0) for (const end of [...this.#endings]) end()
    for (const name of this.services.keys()) await this.start(name)
  }
}

const restartMs = 250
/** What a start may meet that is over when it is tried again. */
const passing = new Set(['CLOSED', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE', 'STORE_LOCKED', 'CONFLICT'])
