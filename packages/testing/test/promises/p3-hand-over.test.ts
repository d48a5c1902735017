// P3 for the moments in which work changes hands: while an instance starts, while it takes or begins, while it closes.

import type { ServiceRuntime } from 'tidings/runtime'
import { expect } from 'vitest'
import { type Delays, delayedInstance, type PassingCall } from './setup/delayed-instance.ts'
import { type EngineKind, sharedEngines } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { suspendableInstance } from './setup/suspendable-instance.ts'
import { createWorld, type World } from './setup/world.ts'
import { bring, type MillOptions, millWith, road, sacksCounted, whatIsGround, yard } from './systems/mill.ts'

const leaseMs = 10_000
const pollMs = 1_000

const takes = ({ name, given: [unit], tables }: PassingCall) =>
  name === 'commit' &&
  tables.has('tidings.leases') &&
  (unit as { rows: readonly { row: unknown }[] }).rows.some(({ row }) => row !== null)

async function millWorld(kind: EngineKind, onSack?: MillOptions['onSack']): Promise<World> {
  return createWorld(kind, [yard, road, millWith(onSack === undefined ? {} : { onSack })])
}

async function started(world: World, delays: Delays) {
  const instance = await world.run(delayedInstance(world, 'mill', delays))
  if (instance === undefined) throw new Error('The world was killed.')
  return instance
}

const groupsOf = ({ status: { instance } }: ServiceRuntime): readonly string[] => instance?.groups ?? []

promise(
  'P3',
  'an instance starts although its heartbeat is renewed at the same moment',
  async (kind) => {
    const world = await millWorld(kind)
    const renewing = ({ name, tables }: PassingCall) =>
      name === 'commit' && tables.has('tidings.instances') ? world.pause(800) : undefined
    for (let preparesMs = 0; preparesMs < 5_000; preparesMs += 250) {
      const instance = await started(world, {
        instance: `in-${preparesMs}`,
        before: (call) =>
          call.name === 'ensureTable' && call.tables.has('ground') ? world.pause(preparesMs) : renewing(call),
      })
      await world.advance(10 * pollMs)
      expect(groupsOf(instance)).not.toEqual([])
      await world.run(instance.close())
    }
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'a process that waits to start while another one starts under its name says that it was replaced',
  async (kind) => {
    const world = await millWorld(kind)
    const { promise: prepared, resolve: goOn } = Promise.withResolvers<void>()
    const slow = delayedInstance(world, 'mill', { instance: 'slow', before: preparingUntil(prepared) })
    await world.advance(pollMs)
    const waiting = delayedInstance(world, 'mill', { instance: 'twin' })
    const failed = waiting.then(
      () => undefined,
      (error: unknown) => error,
    )
    await world.advance(pollMs)
    const twin = delayedInstance(world, 'mill', { instance: 'twin' })
    await world.advance(leaseMs)
    goOn()
    await world.advance(leaseMs)
    const ended = await world.run(Promise.race([failed, world.pause(10 * leaseMs).then(() => 'still waits')]))
    expect(ended).toMatchObject({ code: 'INSTANCE_REPLACED' })
    for (const starting of [slow, twin]) await world.run((await starting).close())
    await world.close()
  },
  sharedEngines,
)

// Lets an instance keep the lease of the start until this resolves.
function preparingUntil(until: Promise<void>): NonNullable<Delays['before']> {
  let isPreparing = false
  return (call) => {
    if (takes(call)) isPreparing = true
    return isPreparing && call.name === 'ensureTable' ? until : undefined
  }
}

promise(
  'P3',
  'an instance that closes while it takes over gives back what it gets',
  async (kind) => {
    let handled = 0
    const world = await millWorld(kind, () => void handled++)
    const release = Promise.withResolvers<void>()
    const taking = Promise.withResolvers<void>()
    let isClosing = false
    const second = await started(world, {
      instance: 'second',
      before: (call) => {
        if (!isClosing || !takes(call)) return undefined
        taking.resolve()
        return release.promise
      },
    })
    await world.advance(2 * pollMs)
    isClosing = true
    await world.run(world.system.service('mill').close())
    await world.advance(pollMs)
    await taking.promise
    const closed = second.close()
    await world.advance(pollMs)
    release.resolve()
    await world.run(closed)
    expect(groupsOf(second)).toEqual([])
    const { store } = await started(world, { instance: 'third' })
    const rows = await store.find({ table: 'tidings.leases', limit: 100 })
    expect(rows.filter(({ json }) => json.includes('second'))).toEqual([])
    await bring(world, 'yard', 'a1')
    await world.advance(pollMs)
    expect(handled).toBe(1)
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance that gives back what it has not begun does not begin it',
  async (kind) => {
    const world = await millWorld(kind)
    await world.run(world.system.service('mill').close())
    const release = Promise.withResolvers<void>()
    let taken = 0
    const starting = delayedInstance(world, 'mill', {
      instance: 'second',
      before: (call) => {
        if (takes(call)) taken++
        const loads = call.name === 'get' || call.name === 'getMany' || call.name === 'find'
        return taken > 2 && loads && call.tables.has('tidings.held') ? release.promise : undefined
      },
    })
    await world.advance(100)
    const others: ServiceRuntime[] = []
    while (!others.flatMap((other) => groupsOf(other)).includes('subscriber/main/yard')) {
      others.push(await started(world, { instance: `other-${others.length}` }))
      await world.advance(2 * pollMs)
    }
    release.resolve()
    const second = await world.run(starting)
    if (second === undefined) throw new Error('The world was killed.')
    await world.advance(3 * pollMs)
    const stateOf = ({ status }: ServiceRuntime) =>
      status.subscriptions.find(({ subscriber }) => subscriber === 'main')?.state
    expect([second, ...others].map(stateOf).filter((state) => state === 'running')).toHaveLength(1)
    for (const runtime of [second, ...others]) await world.run(runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'what cannot begin does not go on in part',
  async (kind) => {
    const world = await millWorld(kind)
    await bring(world, 'road', 'a1')
    await world.advance(pollMs)
    let fails = true
    let reads = 0
    const second = await started(world, {
      instance: 'second',
      before: ({ name, given: [query], tables }) => {
        const looksForReplaced =
          name === 'find' && tables.has('tidings.read-models') && JSON.stringify(query).includes('replaced/')
        return fails && looksForReplaced ? Promise.reject(new Error('The disk is slow.')) : undefined
      },
      reading: (source) => {
        if (source === 'road') reads++
      },
    })
    await world.run(world.system.service('mill').close())
    await world.advance(pollMs)
    expect(world.lines.map(({ message }) => message)).toContain('This instance could not begin a part of its work')
    reads = 0
    await world.advance(5 * pollMs)
    expect(reads).toBe(0)
    fails = false
    await world.advance(2 * leaseMs)
    await bring(world, 'road', 'a2')
    await world.advance(pollMs)
    expect(await sacksCounted(second.store)).toBe(2)
    await world.run(second.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3 P4',
  'a group that goes to and fro is handled once, and nobody hears of an error',
  async (kind) => {
    let handled = 0
    const world = await millWorld(kind, () => void handled++)
    for (let round = 1; round <= 20; round++) {
      const second = await started(world, { instance: 'second' })
      await world.advance(2 * pollMs)
      await bring(world, 'yard', `a${round}`)
      await world.run(second.close())
      await world.advance(pollMs)
    }
    await world.settle()
    expect(world.lines.filter(({ level }) => level === 'error')).toEqual([])
    expect(handled).toBe(20)
    expect((await whatIsGround(world.system.service('mill').store)).a).toHaveLength(20)
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'older code that is started again when there is no newer any more does what it can, and says once what it leaves',
  async (kind) => {
    const world = await createWorld(kind, [yard, road])
    for (const code of [millWith(), millWith({ weighs: 'now', reshaped: true })]) {
      const instance = await suspendableInstance(world, code, 'before')
      await bring(world, 'yard', 'a1')
      await world.advance(pollMs)
      await world.run(instance.runtime.close())
    }
    const { runtime } = await suspendableInstance(world, millWith(), 'old')
    await bring(world, 'yard', 'a2')
    await bring(world, 'road', 'a1')
    await world.advance(6 * leaseMs)
    expect((await whatIsGround(runtime.store)).a).toEqual([1, 1])
    const left = world.lines.filter(({ message }) => message === 'This instance could not begin a part of its work')
    const group = 'read-model/projection.sums'
    expect(left).toMatchObject([{ fields: { code: 'CODE_OUTDATED', group } }])
    expect(runtime.status.instance?.notBegun).toMatchObject([{ code: 'CODE_OUTDATED', group }])
    expect(runtime.status.instance?.groups).toContain('subscriber/main/yard')
    const again = await suspendableInstance(world, millWith({ weighs: 'now', reshaped: true }), 'newer')
    await world.advance(2 * leaseMs)
    expect(runtime.status.instance?.notBegun, 'another instance does it now').toBeUndefined()
    expect(await sacksCounted(runtime.store, 2)).toBe(4)
    expect((await whatIsGround(runtime.store, 'weighed')).a).toEqual([1, 2])
    await world.run(again.runtime.close())
    await world.run(runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'an instance whose store is slow renews while it takes what there is',
  async (kind) => {
    const world = await millWorld(kind)
    await world.run(world.system.service('mill').close())
    const second = await started(world, {
      instance: 'second',
      before: (call) => (takes(call) ? world.pause(0.3 * leaseMs) : undefined),
    })
    expect(groupsOf(second).length).toBeGreaterThanOrEqual(3)
    await bring(world, 'yard', 'a1')
    await world.advance(2 * leaseMs)
    expect(await sacksCounted(second.store)).toBe(1)
    expect(world.lines.map(({ message }) => message)).not.toContain(
      'This instance could not renew its leases in time; others take over its work',
    )
    await world.run(second.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P7',
  'a rebuild whose read model goes to another instance meanwhile goes on there, and its caller hears of its end',
  async (kind) => {
    const world = await millWorld(kind)
    await bring(world, 'road', 'a1', 'a2', 'a3')
    await world.advance(pollMs)
    const { promise: read, resolve: goOn } = Promise.withResolvers<void>()
    let isSlow = false
    const second = await started(world, {
      instance: 'second',
      before: ({ name, tables }) => (isSlow && name === 'commit' && tables.has('sums@2') ? read : undefined),
    })
    await world.run(world.system.service('mill').close())
    await world.advance(2 * pollMs)
    expect(groupsOf(second)).toContain('read-model/projection.sums')
    isSlow = true
    const rebuilt = second.rebuild('sums').then(
      () => 'rebuilt',
      (error: unknown) => error,
    )
    await world.advance(pollMs)
    const newer = await suspendableInstance(world, millWith({ weighs: 'now' }), 'newer')
    await world.advance(2 * leaseMs)
    expect(newer.groups()).toContain('read-model/projection.sums')
    goOn()
    expect(await world.run(rebuilt)).toBe('rebuilt')
    expect(await sacksCounted(second.store, 2)).toBe(3)
    for (const runtime of [second, newer.runtime]) await world.run(runtime.close())
    await world.close()
  },
  sharedEngines,
)

promise(
  'P3',
  'a handler that takes long is not begun again because the store answers a commit of another key late',
  async (kind) => {
    const begun: string[] = []
    const ending = new Map(['b', 'c'].map((farmer) => [farmer, Promise.withResolvers<void>()]))
    const world = await millWorld(kind, ({ farmer }) => {
      begun.push(farmer)
      return ending.get(farmer)?.promise
    })
    const second = await started(world, {
      instance: 'second',
      after: ({ name, tables }) => (name === 'commit' && tables.has('ground') ? world.pause(2.5 * pollMs) : undefined),
    })
    await world.run(world.system.service('mill').close())
    await world.advance(2 * pollMs)
    await bring(world, 'yard', 'b1', 'c1')
    await world.advance(3 * pollMs)
    ending.get('c')?.resolve()
    await world.advance(5 * pollMs)
    expect(begun).toEqual(['b', 'c'])
    ending.get('b')?.resolve()
    await world.advance(5 * pollMs)
    expect(begun).toEqual(['b', 'c'])
    expect(await whatIsGround(second.store)).toEqual({ b: [1], c: [1] })
    await world.run(second.close())
    await world.close()
  },
  sharedEngines,
)
