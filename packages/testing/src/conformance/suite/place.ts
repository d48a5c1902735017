// The place that a conformance test runs on: a driver with empty storage, the engines opened on it, and an environment.
// Invariant: everything that a test opens is closed and removed again, also if the test fails.

import { createSeededRandom, createSequentialIds } from 'tidings/memory'
import type { Awaitable, Driver, Engine, Environment, Ids, Store, StoreCapabilities } from 'tidings/ports'

/** What a driver claims to do. */
export interface DriverCapabilities {
  /** Its stores answer SQL. */
  readonly sql: boolean
  /** Its commits survive the process. */
  readonly durable: boolean
  /** How many may write a store at once. */
  readonly writers: StoreCapabilities['writers']
  /** Its broker keeps a copy of its own and needs the relay. */
  readonly relay: boolean
  /** It has backups. */
  readonly backup: boolean
}

/** A driver with storage of its own (its place), and what a test can do to that storage from outside. */
export interface DriverUnderTest {
  /** The driver; the tests open it several times at once, as several processes would. */
  readonly driver: Driver
  /** Backs up the store of a service that nobody has open; returns the way to restore it. */
  readonly backUp: (service: string) => Awaitable<() => Awaitable<void>>
  /** A file that does not exist yet, to back up to; needed if the driver has backups. */
  readonly backupFile?: (name: string) => string
  /** Deletes the store of a service that nobody has open. */
  readonly remove: (service: string) => Awaitable<void>
  /** Creates another driver on the same place, as a restarted process would; needed if the driver is durable. */
  readonly again?: () => Driver
  /** Removes the place. */
  readonly dispose: () => Awaitable<void>
}

/** The place that a test runs on. */
export interface Place {
  readonly capabilities: DriverCapabilities
  readonly underTest: DriverUnderTest
  /** An engine that is open already. */
  readonly engine: Engine
  /** Opens another engine on the same place: another process, perhaps on a machine whose clock is wrong by so many milliseconds. */
  openEngine(driver?: Driver, clockWrongMs?: number): Promise<Engine>
  /** Opens the store of a service, by default `alpha`. */
  openStore(service?: string, engine?: Engine): Promise<Store>
  /** Closes everything and removes the place. */
  dispose(): Promise<void>
}

/** Opens a place for one test. */
export async function openPlace(underTest: DriverUnderTest, capabilities: DriverCapabilities): Promise<Place> {
  const ids = createSequentialIds('conformance')
  const engines: Engine[] = []
  const openEngine = async (driver: Driver = underTest.driver, clockWrongMs = 0) => {
    const engine = await driver.open(platformEnvironment(ids, clockWrongMs))
    engines.push(engine)
    return engine
  }
  const engine = await openEngine()
  return {
    capabilities,
    underTest,
    engine,
    openEngine,
    openStore: async (service = 'alpha', from = engine) => from.openStore(service),
    dispose: async () => {
      for (const each of engines.reverse()) await each.close()
      await underTest.dispose()
    },
  }
}

/** Real time and timers, since a driver may wait for sockets; ids that count. */
function platformEnvironment(ids: Ids, clockWrongMs: number): Environment {
  return {
    clock: { now: () => Date.now() + clockWrongMs, monotonicMs: () => performance.now() },
    ids,
    random: createSeededRandom(1),
    log: () => {},
    timeouts: {
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs).unref()
        return () => clearTimeout(timer)
      },
      soon: (run) => {
        setImmediate(run)
      },
    },
  }
}
