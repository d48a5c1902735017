// Brokers that throw or hang, in front of a driver's real one; and a wrong driver, which publishes within its commits.

import { TidingsError } from 'tidings'
import type { Broker, Driver, Store } from 'tidings/ports'

/** Puts a broken broker in front of the real one. */
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

/** Every way a broker can be down: it throws or hangs, as one that is read from or one that is relayed to. */
export const brokenBrokers: readonly (readonly [string, Break])[] = [
  ['a broker that throws', brokerThat(refuse, false)],
  ['a broker that hangs', brokerThat(hang, false)],
  ['a relayed broker that throws', brokerThat(refuse, true)],
  ['a relayed broker that hangs', brokerThat(hang, true)],
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

/** A store whose commits publish to the broker and wait for it (a dual write), as no store of Tidings does. */
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
