// P2 to P5 for subscribers that are divided into partitions: each handles the events of its keys in order, on one store and on shared ones.

import { defineService, type Service } from 'tidings'
import { deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import { expect, test } from 'vitest'
import { engines, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { suspendableInstance } from './setup/suspendable-instance.ts'
import { createWorld, type World } from './setup/world.ts'
import { Brought, bring, millWith, road, whatIsGround, yard } from './systems/mill.ts'

const everywhere = [...engines, ...sharedEngines]
const farmers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const sacks = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => farmers.map((farmer) => `${farmer}${from + index}`)).flat()
const allGround = (to: number) =>
  Object.fromEntries(farmers.map((farmer) => [farmer, Array.from({ length: to }, (_, index) => index + 1)]))
const mill = (partitions: number, onSack?: (sack: { farmer: string; number: number }) => void) =>
  millWith({ partitions, ...(onSack === undefined ? {} : { onSack }) })
const storeOf = (world: World) => world.system.service('mill').store
const partitionsIn = (world: World) =>
  world.system
    .service('mill')
    .status.subscriptions.flatMap(({ kind, subscriber }) => (kind === 'handlers' ? [subscriber] : []))
const started = (services: readonly Service[]) => [yard, road, ...services]

promise(
  'P3 P4',
  'the partitions of a subscriber handle each event once, each key in order',
  async (kind) => {
    const handled: string[] = []
    const world = await createWorld(
      kind,
      started([mill(4, ({ farmer, number }) => handled.push(`${farmer}${number}`))]),
    )
    expect(partitionsIn(world)).toEqual(['main.1-of-4', 'main.2-of-4', 'main.3-of-4', 'main.4-of-4'])
    await bring(world, 'yard', ...sacks(1, 5))
    await world.settle()
    expect(await whatIsGround(storeOf(world))).toEqual(allGround(5))
    expect(handled.toSorted()).toEqual(sacks(1, 5).toSorted())
    await world.close()
  },
  everywhere,
)

promise(
  'P5',
  'a partition that is stuck holds up no other, and its dead letters are selected by the name of the subscriber',
  async (kind) => {
    let fails = true
    const onSack = ({ farmer }: { farmer: string }) => {
      if (fails && farmer === 'c') throw new Error('stuck')
    }
    const world = await createWorld(kind, started([mill(4, onSack)]))
    await bring(world, 'yard', ...sacks(1, 2))
    await world.settle()
    const { c: _, ...others } = allGround(2)
    expect(await whatIsGround(storeOf(world))).toEqual(others)
    const service = world.system.service('mill')
    const [parked] = deferredEvents(service, { subscriber: 'main' })
    expect(parked?.subscriber).toMatch(/^main\.\d-of-4$/)
    fails = false
    await world.run(redrive(service, { subscriber: 'main' }, { dryRun: false }))
    await world.settle()
    expect(await whatIsGround(storeOf(world))).toEqual(allGround(2))
    await world.close()
  },
  everywhere,
)

promise(
  'P2 P3 P4 P5',
  'a subscriber goes on where it was when its number of partitions changes, with its dead letters',
  async (kind) => {
    const handled: string[] = []
    let fails = true
    const onSack = ({ farmer, number }: { farmer: string; number: number }) => {
      if (fails && farmer === 'c') throw new Error('stuck')
      handled.push(`${farmer}${number}`)
    }
    const world = await createWorld(kind, started([mill(1, onSack)]))
    let last = 0
    for (const partitions of [4, 3, 1, 2]) {
      await bring(world, 'yard', ...sacks(last + 1, last + 3))
      // Some partitions have read further than others.
      await world.advance(last)
      last += 3
      await world.restart(started([mill(partitions, onSack)]))
      expect(partitionsIn(world)).toHaveLength(partitions)
      await bring(world, 'yard', ...sacks(last + 1, last + 1))
      last += 1
      await world.settle()
      const service = world.system.service('mill')
      expect(deferredEvents(service).map(({ ownKey }) => ownKey)).toEqual(Array.from({ length: last }, () => 'c'))
    }
    fails = false
    await world.run(redrive(world.system.service('mill'), {}, { dryRun: false }))
    await world.settle()
    expect(await whatIsGround(storeOf(world))).toEqual(allGround(last))
    expect(handled.toSorted()).toEqual(sacks(1, last).toSorted())
    const { events } = await world.system.service('yard').store.readEventLog({ after: '', limit: 1_000 })
    const accounts = await deliveriesOf(
      world.system.service('mill'),
      events.map((event) => ({ ...event, source: 'yard' })),
    )
    const ground = accounts.filter(({ subscriber }) => subscriber.startsWith('main'))
    expect(ground.map(({ state }) => state)).toEqual(events.map(() => 'done'))
    await world.close()
  },
  everywhere,
)

promise(
  'P9',
  'when partitions become one, what each delivery took is still explained',
  async (kind) => {
    const world = await createWorld(kind, started([mill(4)]))
    for (const sack of sacks(1, 6)) {
      await bring(world, 'yard', sack)
      await world.settle()
    }
    await world.restart(started([mill(1)]))
    await world.settle()
    const { events } = await world.system.service('yard').store.readEventLog({ after: '', limit: 1_000 })
    const accounts = await deliveriesOf(
      world.system.service('mill'),
      events.map((event) => ({ ...event, source: 'yard' })),
    )
    const ground = accounts.filter(({ subscriber }) => subscriber === 'main')
    expect(ground).toHaveLength(48)
    expect(ground.filter(({ durationMicros }) => durationMicros === undefined)).toEqual([])
    await world.close()
  },
  everywhere,
)

promise(
  'P2 P3 P4',
  'a subscriber whose partitions were at different places when their number changed skips nothing and repeats nothing',
  async (kind) => {
    const handled: string[] = []
    let slow: string | undefined = 'a'
    const { promise: hung, resolve: release } = Promise.withResolvers<void>()
    const onSack = async ({ farmer, number }: { farmer: string; number: number }) => {
      if (farmer === slow) await hung
      handled.push(`${farmer}${number}`)
    }
    const world = await createWorld(kind, started([millWith({ partitions: 4, onSack })]))
    await bring(world, 'yard', ...sacks(1, 1))
    await world.advance(10)
    // Killed while one partition still handles its first event: the others have passed theirs.
    world.kill()
    slow = undefined
    release()
    await world.restart(started([millWith({ partitions: 1, onSack })]))
    await bring(world, 'yard', ...sacks(2, 3))
    await world.settle()
    expect(await whatIsGround(storeOf(world))).toEqual(allGround(3))
    expect(new Set(handled)).toEqual(new Set(sacks(1, 3)))
    await world.close()
  },
  everywhere,
)

promise(
  'P3 P4',
  'instances share the partitions of a subscriber, and each key keeps its order while they come and go',
  async (kind) => {
    const world = await createWorld(kind, [yard, road])
    const divided = mill(8)
    const first = await suspendableInstance(world, divided, 'first')
    const second = await suspendableInstance(world, divided, 'second')
    await world.advance(2_000)
    const ofSubscriber = (groups: readonly string[]) => groups.filter((group) => group.startsWith('subscriber/main.'))
    expect(ofSubscriber(first.groups()).length).toBeGreaterThan(0)
    expect(ofSubscriber(second.groups()).length).toBeGreaterThan(0)
    await bring(world, 'yard', ...sacks(1, 10))
    const third = await suspendableInstance(world, divided, 'third')
    await bring(world, 'yard', ...sacks(11, 20))
    second.lifetime.kill()
    await bring(world, 'yard', ...sacks(21, 30))
    await world.advance(20_000)
    expect(await whatIsGround(first.runtime.store)).toEqual(allGround(30))
    await expect(suspendableInstance(world, mill(2), 'fourth')).rejects.toMatchObject({ code: 'INSTANCES_RUNNING' })
    for (const instance of [first, third]) await world.run(instance.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'a handler that has caught up does not begin again when the number of partitions changes',
  async (kind) => {
    const world = await createWorld(kind, started([mill(1)]))
    await bring(world, 'yard', ...sacks(1, 2))
    await world.settle()
    for (const partitions of [1, 3, 2]) {
      await world.restart(started([millWith({ partitions, weighs: 'beginning' })]))
      await world.settle()
    }
    await bring(world, 'yard', ...sacks(3, 3))
    await world.settle()
    expect(await whatIsGround(storeOf(world), 'weighed')).toEqual(allGround(3))
    await world.close()
  },
  everywhere,
)

test('a number of partitions that cannot be is refused where it is declared', () => {
  for (const partitions of [0, 1.5, 65, '4' as unknown as number])
    expect(() => millWith({ partitions })).toThrow('it must be a whole number from 1 to 64')
  const other = defineService('other', { subscribers: { mian: { partitions: 2 } } })
  expect(() => other.with({ on: other.on(Brought, () => {}) })).toThrow('no handler belongs to it')
  const wrong = { partition: 4 } as { partitions?: number }
  expect(() => defineService('other', { subscribers: { main: wrong } })).toThrow('the option "partition"')
})
