// P4 and P5 for process managers: what is deferred is the instance, not the key of its event. An instance that waits or is parked holds up
// nobody else in the room, and hears its own events in order, from whatever room they come.

import { redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import {
  deferredGreetings,
  type GreeterOptions,
  greeterWith,
  members,
  noted,
  register,
  rooms,
  say,
} from './systems/greetings.ts'

async function oneWaits(kind: EngineKind, options: GreeterOptions = {}): Promise<void> {
  const world = await createWorld(kind, [rooms, members, greeterWith({ limits: { waitMsMax: 600_000 }, ...options })])
  await register(world, 'ann', 'bob')
  await say(world, 'r1 ann a1', 'r1 zoe z1', 'r1 bob b1', 'r1 zoe z2', 'r2 zoe z3', 'r1 ann a2')
  await world.advance(60_000)
  expect(await noted(world), 'all others in the room are greeted').toEqual({ ann: ['a1', 'a2'], bob: ['b1'] })
  expect(deferredGreetings(world)).toEqual(['zoe waiting', 'zoe blocked', 'zoe blocked'])
  await world.restart()
  await say(world, 'r1 bob b2')
  await world.advance(1_000)
  expect((await noted(world)).bob, 'after a restart too').toEqual(['b1', 'b2'])
  await register(world, 'zoe')
  await world.settle()
  expect((await noted(world)).zoe, 'in order, from both rooms').toEqual(['z1', 'z2', 'z3'])
  await world.close()
}

promise(
  'P5',
  'an instance of a process manager that waits for a row holds up no other instance in the room of its messages [trap: instance-blocked]',
  (kind) => oneWaits(kind),
)
brokenPromise('P5', 'a process whose instances are the rooms', (kind) => oneWaits(kind, { keyOf: ({ room }) => room }))

async function inOrder(kind: EngineKind, options: GreeterOptions = {}): Promise<void> {
  const onMessage = (text: string, attempt: number) => {
    if (text === 'a1' && attempt <= 3) throw new Error('not yet')
  }
  const world = await createWorld(kind, [rooms, members, greeterWith({ onMessage, ...options })])
  await register(world, 'ann', 'bob')
  await world.settle()
  await say(world, 'r1 ann a1', 'r2 ann a2', 'r1 bob b1')
  await world.advance(20)
  expect(await noted(world)).toEqual({ bob: ['b1'] })
  await say(world, 'r3 ann a3', 'r1 ann a4')
  await world.settle()
  expect(await noted(world)).toEqual({ ann: ['a1', 'a2', 'a3', 'a4'], bob: ['b1'] })
  await world.close()
}

promise(
  'P4',
  'an instance of a process manager hears its events in order, whatever their keys are, through retries [trap: order-lost]',
  (kind) => inOrder(kind),
)
brokenPromise('P4', 'a process whose instances are the rooms', (kind) => inOrder(kind, { keyOf: ({ room }) => room }))

promise(
  'P4',
  'a subscriber that a process manager shares with a handler keeps the order of each instance and of each key [trap: order-lost]',
  async (kind) => {
    const onMessage = (text: string, attempt: number) => {
      if (text === 'a1' && attempt <= 3) throw new Error('not yet')
    }
    const world = await createWorld(kind, [rooms, members, greeterWith({ shared: true, onMessage })])
    await register(world, 'ann', 'bob')
    await world.settle()
    await say(world, 'r1 ann a1', 'r2 ann a2', 'r2 bob b1', 'r3 bob b2', 'r4 eve e1')
    await world.advance(20)
    expect(await noted(world), 'all of them are connected').toEqual({})
    await register(world, 'eve')
    await world.settle()
    expect(await noted(world)).toEqual({
      ann: ['a1', 'a2'],
      bob: ['b1', 'b2'],
      eve: ['e1'],
      r1: ['a1'],
      r2: ['a2', 'b1'],
      r3: ['b2'],
      r4: ['e1'],
    })
    await world.close()
  },
)

// Earlier builds deferred under the key of the event, and kept every later message of the room behind it.
async function storedBefore(kind: EngineKind): Promise<World> {
  const earlier: Between = {
    spoil: (unit) => ({
      ...unit,
      rows: unit.rows.map((write) => {
        if (write.table !== 'tidings.held' || write.row === null) return write
        const { keys: _, ownKey, ...rest } = JSON.parse(write.row.json)
        return { ...write, row: { ...write.row, json: JSON.stringify({ ...rest, key: ownKey ?? rest.key }) } }
      }),
    }),
  }
  const limits = { waitMsMax: 10_000 }
  const world = await createWorld(kind, [rooms, members, greeterWith({ limits })], earlier)
  await say(world, 'r1 zoe z1', 'r1 bob b1', 'r1 zoe z2', 'r1 bob b2')
  await world.advance(60_000)
  const { store } = world.system.service('greeter')
  const held = await store.find({ table: 'tidings.held', limit: 10 })
  await store.commit({
    checks: [],
    appends: [],
    events: [],
    rows: held.slice(1).map(({ key, json }) => {
      const { error: _, ...rest } = JSON.parse(json)
      const row = { ...rest, state: 'queued', attempts: 0, waits: 0 }
      return { table: 'tidings.held', key, row: { schemaVersion: 1, json: JSON.stringify(row), columns: [] } }
    }),
  })
  return world
}

promise(
  'P5',
  'what an earlier build deferred under the key of the event is deferred by instance from now on [trap: instance-blocked]',
  async (kind) => {
    const world = await storedBefore(kind)
    const stored = (await rowsOf(world, 'greeter', 'tidings.held')).map(({ key, state }) => `${key} ${state}`)
    expect(stored).toEqual(['r1 parked', 'r1 queued', 'r1 queued', 'r1 queued'])
    await register(world, 'bob')
    await world.restart()
    await world.settle()
    expect(await noted(world), 'bob is no longer held up').toEqual({ bob: ['b1', 'b2'] })
    expect(deferredGreetings(world)).toEqual(['zoe parked', 'zoe blocked'])
    await register(world, 'zoe')
    await world.settle()
    await world.run(redrive(world.system.service('greeter'), { key: 'zoe' }, { dryRun: false }))
    await world.settle()
    expect((await noted(world)).zoe).toEqual(['z1', 'z2'])
    expect(await rowsOf(world, 'greeter', 'tidings.held')).toEqual([])
    await world.close()
  },
)
