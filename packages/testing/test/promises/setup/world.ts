// A world for promises: a system on an engine, with time, ids and random numbers passed in, that can be killed at any commit and restarted.
// A kill is like the death of a process: callbacks stop, answers never come, and what was not committed is gone.

import { setImmediate as turn } from 'node:timers/promises'
import { isTidingsError, type Service } from 'tidings'
import {
  createManualClock,
  createManualTimeouts,
  createSeededRandom,
  createSequentialIds,
  type ManualClock,
} from 'tidings/memory'
import type { Broker, CommitUnit, Driver, Engine, LogLine, Store, Timeouts } from 'tidings/ports'
import { createSystem, type System, type SystemOptions } from 'tidings/runtime'
import type { EngineKind, TestEngine } from './engines.ts'

/** A commit on its way to the store. */
export interface PassingCommit {
  readonly service: string
  readonly unit: CommitUnit
  /** Counted over the whole world, from 1. */
  readonly number: number
}

/** What a test places between the runtime and its engine. */
export interface Between {
  /** Delays a commit after it was decided, so that others commit first. */
  holdCommit?(commit: PassingCommit): Promise<unknown> | undefined
  /** Called before a commit; `kill` ends the run there. */
  beforeCommit?(commit: PassingCommit, kill: () => void): void
  /** Called after a commit, before the runtime gets the result. */
  afterCommit?(commit: PassingCommit, kill: () => void): void
  /** Changes what a store is asked to commit: a deliberately broken engine. */
  spoil?(unit: CommitUnit): CommitUnit
  /** Changes the broker: one that throws, hangs or shuffles. */
  broker?(broker: Broker): Broker
}

/** A running world. */
export interface World {
  readonly system: System
  readonly engine: TestEngine
  readonly clock: ManualClock
  /** Those of the world, which go on when the run is killed. */
  readonly timeouts: Timeouts
  readonly lines: LogLine[]
  /** Commits so far, over all runs. */
  readonly commits: number
  /** Whether the run was killed and not yet started again. */
  readonly dead: boolean
  /** Advances time until everything has settled; returns early if the run is killed. */
  settle(timeoutMs?: number): Promise<void>
  /** The result of some work, advancing time if the work waits for it; `undefined` if the run is killed meanwhile. */
  run<T>(work: Promise<T>): Promise<T | undefined>
  advance(ms: number): Promise<void>
  /** Resolves after so many milliseconds: for slow handlers. */
  pause(ms: number): Promise<void>
  kill(): void
  /** Starts the services (or the given ones) again on what was committed; `stopped` runs while they are closed. */
  restart(services?: readonly Service[], stopped?: () => void | Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Creates a world. */
export async function createWorld(
  kind: EngineKind,
  services: readonly Service[],
  between: Between = {},
  { editedVersions, blockedRuns }: Pick<SystemOptions, 'editedVersions' | 'blockedRuns'> = {},
): Promise<World> {
  const engine = kind.create()
  const clock = createManualClock()
  const timeouts = createManualTimeouts(clock, { rest: async () => void (await (engine.late?.rest() ?? turn())) })
  const ids = createSequentialIds()
  const random = createSeededRandom(1)
  const lines: LogLine[] = []
  let commits = 0
  let run: Run
  let system: System

  async function start(starting: readonly Service[]): Promise<void> {
    run = new Run(engine, timeouts)
    const mine = run
    const driver = betweenDriver(engine.driver, mine, between, () => ++commits)
    const environment = { clock, ids, random, timeouts: mine.timeouts, log: (line: LogLine) => lines.push(line) }
    const begun = createSystem({
      services: starting,
      instance: 'first',
      driver,
      environment,
      ...(editedVersions === undefined ? {} : { editedVersions }),
      ...(blockedRuns === undefined ? {} : { blockedRuns }),
    })
    begun.catch(() => {})
    const alive = await timeouts.runUntil(Promise.race([begun, mine.killed]))
    if (alive !== undefined) system = alive
    else await startAgain(starting)
  }
  // It was killed while it was starting: its remains are removed, and it starts again.
  async function startAgain(starting: readonly Service[]): Promise<void> {
    await run.end()
    await start(starting)
  }
  // The engine may still work on real files while nothing is scheduled any more.
  async function end(ending: System): Promise<void> {
    const closing = Promise.race([ending.close(), run.killed])
    await timeouts
      .runUntil(closing)
      .catch((error: unknown) => (isTidingsError(error, 'TIMED_OUT') ? closing : Promise.reject(error)))
  }
  await start(services)
  return {
    get system() {
      return system
    },
    engine,
    clock,
    timeouts,
    lines,
    get commits() {
      return commits
    },
    get dead() {
      return run.dead
    },
    settle: async (timeoutMs = 600_000) => {
      if (!run.dead) await timeouts.runUntil(Promise.race([system.settled({ timeoutMs }), run.killed]))
    },
    run: async (work) => {
      work.catch(() => {})
      return run.dead ? undefined : timeouts.runUntil(Promise.race([work, run.killed.then(() => undefined)]))
    },
    advance: (ms) => timeouts.advance(ms),
    pause: (ms) => new Promise((resolve) => run.timeouts.after(ms, resolve)),
    kill: () => run.kill(),
    restart: async (restarting = services, stopped = () => {}) => {
      if (!run.dead) await end(system)
      await run.end()
      await stopped()
      await start(restarting)
    },
    close: async () => {
      if (!run.dead) await end(system)
      await run.end()
      engine.remove()
    },
  }
}

// One run of the process.
class Run {
  dead = false
  readonly killed: Promise<void>
  readonly timeouts: Timeouts
  readonly stores = new Set<Store>()
  readonly #engine: TestEngine
  opened: Engine | undefined
  #die: () => void = () => {}

  constructor(engine: TestEngine, timeouts: Timeouts) {
    this.#engine = engine
    this.killed = new Promise((resolve) => {
      this.#die = resolve
    })
    this.timeouts = {
      after: (delayMs, callback) => timeouts.after(delayMs, () => this.dead || callback()),
      soon: (callback) => timeouts.soon(() => this.dead || callback()),
    }
  }

  kill(): void {
    this.dead = true
    this.#die()
  }

  /** Frees the resources of a dead process. */
  async end(): Promise<void> {
    if (!this.dead) return
    this.#engine.release([...this.stores].map((store) => store.service))
    for (const store of this.stores) await store.close().catch(() => {})
    await this.opened?.close().catch(() => {})
  }
}

const never = new Promise<never>(() => {})

function betweenDriver(driver: Driver, run: Run, between: Between, count: () => number): Driver {
  return {
    name: driver.name,
    open: async (environment) => {
      // The engine survives when the run is killed: it stands for the disk, not for the process.
      const engine = await driver.open(environment)
      run.opened = engine
      const broker = between.broker?.(engine.broker) ?? engine.broker
      return {
        ...engine,
        broker: guardBroker(broker, run),
        openStore: async (service) => {
          const store = await engine.openStore(service)
          run.stores.add(store)
          return betweenStore(store, run, between, count)
        },
      }
    },
  }
}

function guardBroker(broker: Broker, run: Run): Broker {
  const alive = <T>(answer: T): T | Promise<never> => (run.dead ? never : answer)
  return {
    capabilities: broker.capabilities,
    publish: async (batch) => alive(await alive(broker.publish(batch))),
    published: async (source) => alive(await broker.published(source)),
    read: async (source, request) => alive(await broker.read(source, request)),
    earlierEpochs: (source) => broker.earlierEpochs(source),
    watch: (source, wake) => broker.watch(source, () => run.dead || wake()),
    close: () => broker.close(),
  }
}

function betweenStore(store: Store, run: Run, between: Between, count: () => number): Store {
  const commit = async (unit: CommitUnit) => {
    if (run.dead) return never
    const passing = { service: store.service, unit, number: count() }
    const wait = between.holdCommit?.(passing)
    if (wait !== undefined) await wait
    between.beforeCommit?.(passing, () => run.kill())
    if (run.dead) return never
    const result = await store.commit(between.spoil?.(unit) ?? unit)
    between.afterCommit?.(passing, () => run.kill())
    return run.dead ? never : result
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return commit
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
