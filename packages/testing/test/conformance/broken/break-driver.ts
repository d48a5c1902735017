// An in-memory driver without one guarantee: what the conformance suites must notice.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import type { Awaitable, Broker, Engine, Environment, Store, StoreBackups } from 'tidings/ports'
import { memoryUnderTest } from '../memory-under-test.ts'

/** How a driver is broken: each part wraps the correct one. */
export interface Damage {
  readonly store?: (store: Store) => Store
  readonly broker?: (broker: Broker) => Broker
  readonly openStore?: (engine: Engine, service: string, environment: Environment) => Awaitable<Store>
  /** `undefined`: the driver has none. */
  readonly backups?: (backups: StoreBackups) => StoreBackups | undefined
}

/** One way to break a driver, and the tests that must notice. */
export interface Mutation {
  /** What the driver does wrong. */
  readonly wrong: string
  /** Whether the broker keeps a copy. Default: true. */
  readonly relay?: boolean
  /** How many writers a store has. Default: one. */
  readonly writers?: 'one' | 'many'
  /** Whether the driver claims backups. Default: true. */
  readonly backup?: boolean
  /** Called once for each driver, so that the damage can keep state across engines and stores. */
  readonly damage: () => Damage
  /** Conformance tests that must turn red, by the beginning of their names. */
  readonly noticedBy: readonly string[]
}

/** A broken driver for one conformance test. */
export function brokenUnderTest({ relay = true, writers = 'one', damage }: Mutation): DriverUnderTest {
  const correct = memoryUnderTest({ relay, writers })
  const { store: breakStore, broker: breakBroker, openStore, backups: breakBackups } = damage()
  const { backups: ownBackups } = correct.driver
  const backups = breakBackups && ownBackups ? breakBackups(ownBackups) : ownBackups
  return {
    ...correct,
    driver: {
      name: 'broken',
      ...(backups === undefined ? {} : { backups }),
      open: async (environment) => {
        const engine = await correct.driver.open(environment)
        return {
          ...engine,
          broker: breakBroker?.(engine.broker) ?? engine.broker,
          openStore: async (service) => {
            const store = await (openStore?.(engine, service, environment) ?? engine.openStore(service))
            return breakStore?.(store) ?? store
          },
        }
      },
    },
  }
}
