// P6 for what a probe asks: a service is ready when its store answers and its replicas have been filled, whatever others do.

import { TidingsError } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import type { Broker, Driver, Store } from 'tidings/ports'
import type { ServiceRuntime } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { anotherInstance } from './setup/another-instance.ts'
import { engines, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { customers, orders, send, shippingWith } from './systems/fulfilment.ts'

type Outage = 'none' | 'throws' | 'hangs'

const failing = <T>(how: Outage, code: 'BROKER_UNAVAILABLE' | 'STORE_UNAVAILABLE'): Promise<T> =>
  how === 'hangs' ? new Promise<T>(() => {}) : Promise.reject(new TidingsError(code, 'It is away.'))

const missing = (world: World, service: ServiceRuntime) => world.run(service.unready())
const startsAnew = (world: World) => world.advance(1_000)

for (const how of ['throws', 'hangs'] as const)
  promise(
    'P6',
    `a service is ready once its replicas are filled, and stays ready when their source ${how}`,
    async (kind) => {
      let broker: Outage = how
      const world = await createWorld(kind, [customers, orders, shippingWith({})], {
        broker: (whole: Broker) => ({
          ...whole,
          read: async (...asked) => (broker === 'none' ? whole.read(...asked) : failing(broker, 'BROKER_UNAVAILABLE')),
        }),
      })
      await send(world, 'customers', 'register-customer', { customerId: 'c1', city: 'Faro' })
      const shipping = () => world.system.service('shipping')
      expect(await missing(world, shipping()), 'it has no row yet').toEqual(['replicas'])
      expect(await missing(world, world.system.service('customers')), 'it has no replica').toEqual([])
      broker = 'none'
      // A call that hangs ends with its process.
      if (how === 'hangs') {
        world.kill()
        await world.restart()
      }
      await world.settle()
      await startsAnew(world)
      expect(await missing(world, shipping()), 'it has every row').toEqual([])
      broker = how
      await startsAnew(world)
      expect(await missing(world, shipping()), 'what it has serves reads').toEqual([])
      world.kill()
      await world.restart()
      expect(await missing(world, shipping()), 'what it has from an earlier run serves reads').toEqual([])
      world.kill()
      await world.close()
    },
    engines.slice(0, 3),
  )

test('P6: a service is not ready until its replicas have reached the head that their source had', async () => {
  const [, kind] = engines
  if (kind === undefined) throw new Error('no engine')
  let pages = 1
  const world = await createWorld(kind, [customers], {})
  for (let n = 0; n < 600; n++)
    await send(world, 'customers', 'register-customer', { customerId: `c${n}`, city: 'Faro' })
  await world.close()
  const { engine } = world
  const slow = await createWorld({ name: kind.name, create: () => engine }, [customers, orders, shippingWith({})], {
    broker: (whole: Broker) => ({
      ...whole,
      read: async (...asked) => (pages-- > 0 ? whole.read(...asked) : failing('throws', 'BROKER_UNAVAILABLE')),
    }),
  })
  const shipping = slow.system.service('shipping')
  pages = 1
  expect(await missing(slow, shipping)).toEqual(['replicas'])
  pages = Number.POSITIVE_INFINITY
  await slow.settle()
  await startsAnew(slow)
  expect(await missing(slow, shipping)).toEqual([])
  await slow.close()
})

test.each([
  ['throws', 'one'],
  ['throws', 'many'],
  ['hangs', 'one'],
  ['hangs', 'many'],
] as const)(
  'P6: a service whose store %s (writers: %s) is not ready, and is ready again when it answers',
  async (how, writers) => {
    const store: { is: Outage } = { is: 'none' }
    const driver = memoryDriver({ writers })
    const world = await createWorld(
      {
        name: 'memory',
        create: () => ({
          ...engines[0]!.create(),
          driver: withStores(driver, store),
          release: () => {},
          remove: () => {},
        }),
      },
      [customers],
    )
    const service = world.system.service('customers')
    expect(await missing(world, service)).toEqual([])
    store.is = how
    expect(await missing(world, service), 'an answer counts for a moment').toEqual([])
    await startsAnew(world)
    const before = world.clock.now()
    expect(await missing(world, service)).toEqual(['store'])
    expect(world.clock.now() - before).toBeLessThan(1_000)
    for (let n = 0; n < 100; n++) await startsAnew(world).then(() => missing(world, service))
    store.is = 'none'
    await startsAnew(world)
    await world.advance(10_000)
    expect(await missing(world, service), 'it answers again').toEqual([])
    world.kill()
  },
)

promise(
  'P6',
  'an instance without leases is ready, and one that closes is not',
  async (kind) => {
    const world = await createWorld(kind, [customers])
    const second = await anotherInstance(world, 'customers')
    const third = await anotherInstance(world, 'customers')
    await world.advance(30_000)
    const instances = [world.system.service('customers'), second, third]
    expect(instances.map(({ status }) => status.instance?.groups.length)).toContain(0)
    for (const instance of instances) expect(await missing(world, instance)).toEqual([])
    const closing = second.close()
    expect(await missing(world, second)).toEqual(['closing'])
    await world.run(closing)
    await world.run(third.close())
    await world.close()
  },
  sharedEngines,
)

// The questions that a probe asks of a store fail.
function withStores(driver: Driver, how: { is: Outage }): Driver {
  const questions = ['now', 'readEventLog']
  const between = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (how.is !== 'none' && questions.includes(String(name))) return () => failing(how.is, 'STORE_UNAVAILABLE')
        return value.bind(target)
      },
    })
  return {
    ...driver,
    open: async (environment) => {
      const engine = await driver.open(environment)
      return { ...engine, openStore: async (service) => between(await engine.openStore(service)) }
    },
  }
}
