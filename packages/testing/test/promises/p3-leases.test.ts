// P3 and P4 for instances that share a store: one of them at a time does each part of the work, and another one soon after that one has ended.

import type { Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import type { Store } from 'tidings/ports'
import { expect } from 'vitest'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { type SuspendableInstance, suspendableInstance } from './setup/suspendable-instance.ts'
import { type Between, createWorld, type PassingCommit, type World } from './setup/world.ts'
import { bring, type MillOptions, millWith, road, sacksCounted, whatIsGround, yard } from './systems/mill.ts'

const leaseMs = 10_000
const pollMs = 1_000

const farmers = ['a', 'b', 'c', 'd']
const sacks = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => farmers.map((farmer) => `${farmer}${from + index}`)).flat()
const allGround = (to: number) =>
  Object.fromEntries(farmers.map((farmer) => [farmer, Array.from({ length: to }, (_, index) => index + 1)]))

interface Mill {
  readonly world: World
  /** What the instances run. */
  readonly mill: Service
  readonly store: Store
  readonly second: SuspendableInstance
  /** The groups of the first instance, and of others. */
  groups(...others: readonly SuspendableInstance[]): readonly (readonly string[])[]
}

async function millOfTwo(kind: EngineKind, options: MillOptions = {}, between: Between = {}): Promise<Mill> {
  const mill = millWith(options)
  const world = await createWorld(kind, [yard, road, mill], between)
  const second = await suspendableInstance(world, mill, 'second')
  const { store } = world.system.service('mill')
  await world.advance(2 * pollMs)
  const groups = (...others: readonly SuspendableInstance[]) => [
    world.system.service('mill').status.instance?.groups ?? [],
    ...others.map((other) => other.groups()),
  ]
  return { world, mill, store, second, groups }
}

/** Every group once. */
function expectDivided(groups: readonly (readonly string[])[], count: number): void {
  const all = groups.flat().toSorted()
  expect(all).toEqual([...new Set(all)])
  expect(all).toHaveLength(count)
}

const sizes = (groups: readonly (readonly string[])[]) => groups.map(({ length }) => length).toSorted((a, b) => a - b)

promise(
  'P3',
  'instances share the work evenly, and nothing moves without need',
  async (kind) => {
    const { world, mill, second, groups } = await millOfTwo(kind)
    const [ofFirst = [], ofSecond = []] = groups(second)
    const count = ofFirst.length + ofSecond.length
    expectDivided(groups(second), count)
    expect(Math.abs(ofFirst.length - ofSecond.length)).toBeLessThanOrEqual(1)
    await world.advance(60_000)
    expect(groups(second)).toEqual([ofFirst, ofSecond])
    const third = await suspendableInstance(world, mill, 'third')
    await world.advance(2 * pollMs)
    expectDivided(groups(second, third), count)
    const [fewest = 0, , most = 0] = sizes(groups(second, third))
    expect(most - fewest).toBeLessThanOrEqual(1)
    await world.run(third.runtime.close())
    await world.advance(pollMs)
    expectDivided(groups(second), count)
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that waits until another one has prepared the store starts without an error',
  async (kind) => {
    const mill = millWith()
    const world = await createWorld(kind, [yard, road, mill])
    const { store } = world.system.service('mill')
    const [first] = await store.find({ table: 'tidings.instances', limit: 1 })
    const { run } = JSON.parse(first?.json ?? '{}') as { readonly run: string }
    const json = JSON.stringify({ holder: first?.key, run })
    await store.commit({
      events: [],
      appends: [],
      checks: [],
      rows: [{ table: 'tidings.leases', key: 'start', row: { schemaVersion: 1, json, columns: [] } }],
    })
    const second = await suspendableInstance(world, mill, 'second')
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([])
    await world.run(second.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P2 P3',
  'the work of an instance that dies goes on elsewhere within leaseMs, and that of one that starts again under its name at once',
  async (kind) => {
    const { world, mill, second, groups } = await millOfTwo(kind)
    const count = groups(second).flat().length
    second.lifetime.kill()
    await world.advance(leaseMs)
    expect(groups()[0]).toHaveLength(count)
    const again = await suspendableInstance(world, mill, 'second')
    await world.advance(2 * pollMs)
    const ofSecond = again.groups()
    expect(ofSecond.length).toBeGreaterThan(0)
    again.lifetime.kill()
    const atOnce = await suspendableInstance(world, mill, 'second')
    expect(atOnce.groups().toSorted()).toEqual(ofSecond.toSorted())
    await world.run(atOnce.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3 P4',
  'each event is handled once and in order, while instances come, stop, die and are paused [trap: zombie]',
  async (kind) => {
    let handled = 0
    const { world, mill, store, second } = await millOfTwo(kind, { onSack: () => void handled++ })
    await bring(world, 'yard', ...sacks(1, 50))
    const third = await suspendableInstance(world, mill, 'third')
    await bring(world, 'yard', ...sacks(51, 100))
    second.lifetime.pause()
    await bring(world, 'yard', ...sacks(101, 150))
    await world.advance(leaseMs)
    await bring(world, 'yard', ...sacks(151, 200))
    await world.advance(leaseMs)
    second.lifetime.resume()
    await bring(world, 'yard', ...sacks(201, 250))
    await world.run(third.runtime.close())
    await bring(world, 'yard', ...sacks(251, 300))
    const fourth = await suspendableInstance(world, mill, 'fourth')
    second.lifetime.kill()
    await bring(world, 'yard', ...sacks(301, 350))
    await world.advance(2 * leaseMs)
    await world.settle()
    expect(await whatIsGround(store)).toEqual(allGround(350))
    // Work in progress when an instance was paused or killed is done again.
    expect(handled).toBeGreaterThanOrEqual(4 * 350)
    expect(handled).toBeLessThan(4 * 350 + 2 * 256)
    await world.run(fourth.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'two instances handle each event once, and count every event of two sources into one row',
  async (kind) => {
    let handled = 0
    const { world, store, second } = await millOfTwo(kind, { onSack: () => void handled++ })
    for (let round = 1; round <= 100; round++) {
      await bring(world, 'yard', ...sacks(round, round))
      await bring(world, 'road', `x${round}`, `y${round}`)
    }
    await world.settle()
    expect(await whatIsGround(store)).toEqual(allGround(100))
    expect(handled).toBe(400)
    expect(await sacksCounted(store)).toBe(600)
    await world.run(second.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance whose name another process takes does no more work, and says so',
  async (kind) => {
    const { world, mill, second } = await millOfTwo(kind)
    const twin = await suspendableInstance(world, mill, 'second')
    await world.advance(leaseMs)
    expect(second.groups()).toEqual([])
    expect(twin.groups().length).toBeGreaterThan(0)
    expect(world.lines.map(({ fields }) => fields?.code)).toContain('INSTANCE_REPLACED')
    await world.run(second.runtime.close())
    await world.advance(leaseMs)
    expect(twin.groups().length).toBeGreaterThan(0)
    await world.run(twin.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P5',
  'dead letters are seen and redriven through any instance, and a read model is rebuilt through any',
  async (kind) => {
    let fails = true
    const onSack = ({ farmer }: { farmer: string }) => {
      if (fails && farmer === 'b') throw new Error('stuck')
    }
    const { world, store, second } = await millOfTwo(kind, { onSack })
    await bring(world, 'yard', ...sacks(1, 3))
    await world.settle()
    const instances = [world.system.service('mill'), second.runtime]
    for (const runtime of instances) {
      await world.advance(pollMs)
      expect(deferredEvents(runtime).map(({ ownKey, state }) => `${ownKey} ${state}`)).toEqual([
        'b parked',
        'b blocked',
        'b blocked',
      ])
    }
    const elsewhere = instances.find(({ status: { instance } }) => !instance?.groups.includes('subscriber/main/yard'))
    const { subscriptions } = elsewhere?.status ?? {}
    const holder = elsewhere === second.runtime ? 'first' : 'second'
    expect(subscriptions?.find(({ subscriber }) => subscriber === 'main')).toMatchObject({ state: 'elsewhere', holder })
    fails = false
    if (elsewhere !== undefined) await world.run(redrive(elsewhere, {}, { dryRun: false }))
    await world.settle()
    expect(await whatIsGround(store)).toEqual(allGround(3))
    for (const [index, runtime] of instances.entries()) {
      await world.run(runtime.rebuild('sums'))
      expect(await sacksCounted(store, index + 2)).toBe(12)
    }
    await world.run(second.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance whose machine was suspended commits nothing of what another has taken over [trap: zombie]',
  async (kind) => {
    const mill = millWith()
    const world = await createWorld(kind, [yard, road])
    const first = await suspendableInstance(world, mill, 'first')
    await bring(world, 'yard', 'a1', 'a2')
    await bring(world, 'road', 'a1', 'a2')
    await world.advance(2 * pollMs)
    const all = first.groups()
    let second: SuspendableInstance | undefined
    await first.suspend(0, async () => {
      second = await suspendableInstance(world, mill, 'second')
      await world.advance(leaseMs)
      expect(second.groups().toSorted()).toEqual(all.toSorted())
      await bring(world, 'road', 'a3', 'a4')
      await world.advance(pollMs)
      // The first is the only one that can handle it now, by what it remembers.
      second.lifetime.pause()
      await bring(world, 'yard', 'a3')
    })
    const { promise: looks, resolve: look } = Promise.withResolvers<void>()
    first.looks = looks
    expect(first.groups()).toEqual(all)
    await world.advance(1)
    look()
    second?.lifetime.resume()
    await world.advance(leaseMs)
    const { store } = first.runtime
    expect(await sacksCounted(store)).toBe(7)
    expect(await whatIsGround(store)).toEqual({ a: [1, 2, 3] })
    for (const instance of [first, second]) if (instance !== undefined) await world.run(instance.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that renews while another takes over from it keeps its work',
  async (kind) => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isTakingOver = false
    const holdCommit = ({ service, unit }: PassingCommit) => {
      const takes = service === 'mill' && unit.rows.some(({ table, row }) => table === 'tidings.leases' && row !== null)
      return isTakingOver && takes ? held : undefined
    }
    const { world, second } = await millOfTwo(kind, {}, { holdCommit })
    const ofSecond = second.groups()
    isTakingOver = true
    await second.suspend(0.85 * leaseMs)
    await world.advance(1.5 * pollMs)
    isTakingOver = false
    release()
    await world.advance(3 * pollMs)
    expect(world.lines.map(({ message }) => message)).not.toContain('A part of the work has gone to another instance')
    expect(second.groups()).toEqual(ofSecond)
    await world.run(second.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that cannot reach the store gives up its work in time, and goes on when it can',
  async (kind) => {
    const mill = millWith()
    const world = await createWorld(kind, [yard, road])
    const alone = await suspendableInstance(world, mill, 'alone')
    const all = alone.groups()
    alone.isCutOff = true
    await world.advance(leaseMs)
    expect(alone.groups()).toEqual([])
    expect(alone.runtime.status.instance).toMatchObject({ error: { code: 'STORE_UNAVAILABLE' } })
    alone.isCutOff = false
    await world.advance(leaseMs)
    expect(alone.groups().toSorted()).toEqual(all.toSorted())
    expect(alone.runtime.status.instance?.error).toBeUndefined()
    const other = await suspendableInstance(world, mill, 'other')
    alone.isCutOff = true
    await world.advance(leaseMs)
    expect(other.groups().toSorted()).toEqual(all.toSorted())
    alone.isCutOff = false
    await world.advance(leaseMs)
    expectDivided([alone.groups(), other.groups()], all.length)
    expect(alone.groups().length).toBeGreaterThan(0)
    for (const instance of [alone, other]) await world.run(instance.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P2 P3',
  'while a deployment rolls, newer code does the work, and older code passes nothing that only newer code handles',
  async (kind) => {
    const world = await createWorld(kind, [yard, road])
    const old = await suspendableInstance(world, millWith(), 'old')
    await bring(world, 'yard', 'a1')
    const all = old.groups()
    const newer = await suspendableInstance(world, millWith({ weighs: 'now' }), 'new')
    await world.advance(2 * pollMs)
    expect(old.groups()).toEqual([])
    expect(newer.groups().toSorted()).toEqual(all.toSorted())
    await bring(world, 'yard', 'a2')
    await world.advance(pollMs)
    newer.lifetime.kill()
    await world.advance(leaseMs)
    // It takes over what it can do as well.
    expect(old.groups()).toContain('schedule')
    await bring(world, 'yard', 'a3')
    await world.advance(3 * leaseMs)
    const { store } = old.runtime
    expect(await sacksCounted(store)).toBe(3)
    expect(await whatIsGround(store)).toEqual({ a: [1, 2] })
    const again = await suspendableInstance(world, millWith({ weighs: 'now' }), 'new')
    await world.advance(2 * leaseMs)
    expect(old.groups()).toEqual([])
    expect(await whatIsGround(store)).toEqual({ a: [1, 2, 3] })
    expect(await whatIsGround(store, 'weighed')).toEqual({ a: [2, 3] })
    // Code that is known is not new, however often it is started.
    const third = await suspendableInstance(world, millWith(), 'third')
    await world.advance(leaseMs)
    expect(third.groups()).toEqual([])
    for (const instance of [old, again, third]) await world.run(instance.runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'what others rely on is not renamed beside them',
  async (kind) => {
    const world = await createWorld(kind, [yard, road])
    const old = await suspendableInstance(world, millWith(), 'old')
    await bring(world, 'yard', 'a1')
    await world.advance(pollMs)
    const renamed = millWith({ renamed: true })
    await expect(suspendableInstance(world, renamed, 'new')).rejects.toMatchObject({ code: 'INSTANCES_RUNNING' })
    await bring(world, 'yard', 'a2')
    await world.advance(pollMs)
    await world.run(old.runtime.close())
    const alone = await suspendableInstance(world, renamed, 'new')
    await bring(world, 'yard', 'a3')
    await world.advance(pollMs)
    expect(await whatIsGround(alone.runtime.store)).toEqual({ a: [1, 2, 3] })
    await world.run(alone.runtime.close())
    await world.close()
  },
  sharedEngines,
)
