// An in-memory driver with one guarantee taken out: what the conformance suites must notice.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import type { Awaitable, Broker, Engine, Store } from 'tidings/ports'
import { memoryUnderTest } from '../memory-under-test.ts'

/** How a driver is broken: each part is put around the sound one. */
export interface Damage {
  readonly store?: (store: Store) => Store
  readonly broker?: (broker: Broker) => Broker
  readonly openStore?: (engine: Engine, service: string) => Awaitable<Store>
}

/** One way to break a driver, and who must notice. */
export interface Mutation {
  /** What the driver does wrong. */
  readonly wrong: string
  /** Whether the broker keeps a copy. Default: true. */
  readonly relay?: boolean
  /** Called once for each driver, so that damage may keep state over engines and stores. */
  readonly damage: () => Damage
  /** Conformance tests that must turn red, by the beginning of their names. */
  readonly noticedBy: readonly string[]
}

/** A broken driver for one conformance test. */
export function brokenUnderTest({ relay = true, damage }: Mutation): DriverUnderTest {
  const sound = memoryUnderTest(relay)
  const { store: breakStore, broker: breakBroker, openStore } = damage()
  return {
    ...sound,
    driver: {
      name: 'broken',
      open: async (environment) => {
        const engine = await sound.driver.open(environment)
        return {
          ...engine,
          broker: breakBroker?.(engine.broker) ?? engine.broker,
          openStore: async (service) => {
            const store = await (openStore?.(engine, service) ?? engine.openStore(service))
            return breakStore?.(store) ?? store
          },
        }
      },
    },
  }
}
