// A service answers at its doors whatever the others and the broker do (P6). The broken brokers stand in front of the real one.

import { sqliteDriver } from '@tidings/sqlite'
import { TidingsError } from 'tidings'
import type { Broker, Driver } from 'tidings/ports'
import { expect, test } from 'vitest'
import { post, runningShop, temporaryFolder } from './running-shop.ts'

type Break = (real: Broker) => Broker

const withBroker =
  (breakIt: Break) =>
  ({ directory }: { readonly directory: string }): Driver => {
    const driver = sqliteDriver({ directory, durability: 'process-crash' })
    return {
      name: driver.name,
      open: async (environment) => {
        const engine = await driver.open(environment)
        return {
          durability: engine.durability,
          broker: breakIt(engine.broker),
          openStore: (service) => engine.openStore(service),
          close: () => engine.close(),
        }
      },
    }
  }

const refuse = (): never => {
  throw new TidingsError('BROKER_UNAVAILABLE', 'The broker is down.')
}

const throwing =
  (relay: boolean): Break =>
  (real) => ({
    capabilities: { relay },
    publish: refuse,
    published: refuse,
    read: refuse,
    earlierEpochs: refuse,
    watch: () => () => {},
    close: () => real.close(),
  })

const hang = () => new Promise<never>(() => {})

const hanging =
  (relay: boolean): Break =>
  (real) => ({
    capabilities: { relay },
    publish: hang,
    published: hang,
    read: hang,
    earlierEpochs: hang,
    watch: () => () => {},
    close: () => real.close(),
  })

const brokers: [string, Break][] = [
  ['a broker that throws', throwing(false)],
  ['a broker that hangs', hanging(false)],
  ['a broker that throws when it is relayed to', throwing(true)],
  ['a broker that hangs when it is relayed to', hanging(true)],
]

// What hangs for ever is given up at the end.
const closeTimeoutMs = 200

test.each(brokers)(
  'P6: commands and queries answer with every other service stopped and %s',
  async (_what, breakIt) => {
    const { url } = await runningShop({ services: ['orders'], closeTimeoutMs, config: { engine: withBroker(breakIt) } })
    for (const orderId of ['o-1', 'o-2', 'o-3'])
      expect((await post(`${url}/commands/place-order`, { orderId, cents: 5 })).status).toBe(200)
    const answer = await post(`${url}/queries/order`, { orderId: 'o-2' })
    expect([answer.status, answer.body.cents]).toEqual([200, 5])
  },
)

test.each(brokers)('P6: a service that listens answers its queries with %s', async (_what, breakIt) => {
  const { url } = await runningShop({ services: ['shipping'], closeTimeoutMs, config: { engine: withBroker(breakIt) } })
  expect((await post(`${url}/queries/parcel`, { orderId: 'o-1' })).body.code).toBe('gone')
})

test('P2, P6: what was published while every other service was stopped is handled when they come back', async () => {
  const data = temporaryFolder()
  const alone = await runningShop({ services: ['orders'], data })
  await post(`${alone.url}/commands/place-order`, { orderId: 'o-1', cents: 5 })
  await alone.close()
  const all = await runningShop({ data })
  await all.settled()
  expect((await post(`${all.url}/shipping/queries/parcel`, { orderId: 'o-1' })).body).toEqual({ cents: 5 })
})

test('closing gives up what hangs, says so, and ends', async () => {
  const running = await runningShop({ closeTimeoutMs, config: { engine: withBroker(hanging(false)) } })
  await running.close()
  expect(running.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'Closing was given up' }))
})
