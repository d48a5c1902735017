// Brokers that throw or hang, put in front of a driver's real one; and a driver that gets it wrong: it publishes within its commits.

import { TidingsError } from 'tidings'
import type { Broker, Driver, Store } from 'tidings/ports'

/** Puts another broker in front of the real one. */
export type Break = (real: Broker) => Broker

const refuse = (): never => {
  throw new TidingsError('BROKER_UNAVAILABLE', 'The broker is down.')
}

const hang = () => new Promise<never>(() => {})

const brokerThat =
  (answer: () => never | Promise<never>, relay: boolean): Break =>
  (real) => ({
    capabilities: { relay },
    publish: answer,
    published: answer,
    read: answer,
    earlierEpochs: answer,
    watch: () => () => {},
    close: () => real.close(),
  })

/** Every way a broker can be down: it throws or hangs, where it is read from and where it is relayed to. */
export const brokenBrokers: readonly (readonly [string, Break])[] = [
  ['a broker that throws', brokerThat(refuse, false)],
  ['a broker that hangs', brokerThat(hang, false)],
  ['a broker that throws when it is relayed to', brokerThat(refuse, true)],
  ['a broker that hangs when it is relayed to', brokerThat(hang, true)],
]

/** A driver with another broker in front of its own, and optionally with other stores. */
export function withBroker(
  driver: Driver,
  breakIt: Break,
  storeOf = (store: Store, _broker: Broker): Store => store,
): Driver {
  return {
    name: driver.name,
    open: async (environment) => {
      const engine = await driver.open(environment)
      const broker = breakIt(engine.broker)
      return {
        durability: engine.durability,
        broker,
        openStore: async (service) => storeOf(await engine.openStore(service), broker),
        close: () => engine.close(),
      }
    },
  }
}

/** A store that does what Tidings does not: its commits publish to the broker, and wait for it (a dual write). */
export function publishingInCommits(store: Store, broker: Broker): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (name === 'commit') {
        return async (unit: Parameters<Store['commit']>[0]) => {
          const result = await target.commit(unit)
          if (unit.events.length > 0) await broker.read(target.service, { after: '', limit: 1 })
          return result
        }
      }
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
