// An in-memory driver with one guarantee taken out: what the conformance suites must notice.

import type { DriverUnderTest } from '@tidings/testing/conformance'
import type { Awaitable, Broker, Engine, Store, StoreBackups } from 'tidings/ports'
import { memoryUnderTest } from '../memory-under-test.ts'

/** How a driver is broken: each part is put around the sound one. */
export interface Damage {
  readonly store?: (store: Store) => Store
  readonly broker?: (broker: Broker) => Broker
  readonly openStore?: (engine: Engine, service: string) => Awaitable<Store>
  /** `undefined`: the driver has none. */
  readonly backups?: (backups: StoreBackups) => StoreBackups | undefined
}

/** One way to break a driver, and who must notice. */
export interface Mutation {
  /** What the driver does wrong. */
  readonly wrong: string
  /** Whether the broker keeps a copy. Default: true. */
  readonly relay?: boolean
  /** Whether the driver claims backups. Default: true. */
  readonly backup?: boolean
  /** Called once for each driver, so that damage may keep state over engines and stores. */
  readonly damage: () => Damage
  /** Conformance tests that must turn red, by the beginning of their names. */
  readonly noticedBy: readonly string[]
}

/** A broken driver for one conformance test. */
export function brokenUnderTest({ relay = true, damage }: Mutation): DriverUnderTest {
  const sound = memoryUnderTest(relay)
  const { store: breakStore, broker: breakBroker, openStore, backups: breakBackups } = damage()
  const { backups: soundBackups } = sound.driver
  const backups = breakBackups && soundBackups ? breakBackups(soundBackups) : soundBackups
  return {
    ...sound,
    driver: {
      name: 'broken',
      ...(backups === undefined ? {} : { backups }),
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
