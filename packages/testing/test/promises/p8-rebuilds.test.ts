// P7 and P8 together: in the middle of a rebuild an old event can't be read, or one is newer than the code. Reads continue, other keys are
// handled, nothing is mangled or dropped, and the deferred events are handled when the code is fixed.

import type { Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { guestsAt, known, peopleAt, rename, type Steps, split, untilRebuilt, type V1 } from './systems/people.ts'

const calm: readonly (readonly [id: string, name: string])[] = [
  ['p1', 'Ada Byron'],
  ['bad', 'Bad Seed'],
  ['p2', 'Grace Hopper'],
  ['bad', 'Bad Egg'],
  ['p3', 'Mary Shelley'],
]

/** What a broken upcaster does with some events. */
const faults: Readonly<Record<string, (older: V1, world: World) => unknown>> = {
  throws: () => {
    throw new RangeError('no such name')
  },
  'lacks a field': ({ id }) => ({ id, first: 'Bad' }),
  'gives nothing': () => undefined,
  'never ends, and the process with it': (_older, world) => world.kill(),
}

const rebuild = (world: World, name: string) => world.run(world.system.service('guests').rebuild(name))

/** Rebuilds, and starts again if that ends the process. */
async function rebuildThrough(world: World, name: string, services: readonly Service[]): Promise<void> {
  await rebuild(world, name)
  for (let lives = 0; world.dead; lives++) {
    expect(lives, 'found out').toBeLessThan(20)
    await world.restart(services)
    await world.settle()
    if (!world.dead) await untilRebuilt(world)
  }
  await untilRebuilt(world)
}

// The upcaster is broken only during the rebuild: until then every event was read.
async function faultyInMidRebuild(kind: EngineKind, fault: string): Promise<void> {
  let faulty = false
  const steps: Steps = {
    split: (older) =>
      (faulty && older.id === 'bad' ? faults[fault]?.(older, world) : split(older)) as ReturnType<typeof split>,
  }
  const world: World = await createWorld(kind, [peopleAt(1)])
  for (const [id, name] of calm) await rename(world, id, name)
  await world.settle()
  const services = [peopleAt(2), guestsAt(2, steps)]
  await world.restart(services)
  await untilRebuilt(world)
  expect((await known(world, 'bad')).projected).toEqual(['Bad|Seed', 'Bad|Egg'])
  faulty = true
  for (const name of ['projected', 'people']) await rebuildThrough(world, name, services)
  for (const [id, name] of calm.filter(([other]) => other !== 'bad')) {
    const expected = name.replace(' ', '|')
    expect(await known(world, id), `${fault}: ${id}`).toEqual({
      heard: [expected],
      projected: [expected],
      replica: expected,
    })
  }
  expect(await known(world, 'bad'), `${fault}: never mangled`).toEqual({
    heard: ['Bad|Seed', 'Bad|Egg'],
    projected: [],
    replica: undefined,
  })
  const deferred = deferredEvents(world.system.service('guests')).map(
    ({ subscriber, key, state }) => `${subscriber} ${key} ${state}`,
  )
  expect(deferred, fault).toEqual([
    'projection.projected bad parked',
    'projection.projected bad blocked',
    'replica.people bad parked',
    'replica.people bad blocked',
  ])
  // The new generations handle later events, except those of deferred keys.
  await rename(world, 'p1', 'Ada King')
  await untilRebuilt(world)
  expect(await known(world, 'p1')).toMatchObject({ projected: ['Ada|Byron', 'Ada|King'], replica: 'Ada|King' })
  faulty = false
  await world.run(redrive(world.system.service('guests'), {}, { dryRun: false }))
  await untilRebuilt(world)
  expect(await known(world, 'bad')).toEqual({
    heard: ['Bad|Seed', 'Bad|Egg'],
    projected: ['Bad|Seed', 'Bad|Egg'],
    replica: 'Bad|Egg',
  })
  expect(deferredEvents(world.system.service('guests'))).toEqual([])
  await world.close()
}

for (const fault of Object.keys(faults))
  promise(
    'P7 P8',
    `an upcaster that ${fault} during a rebuild blocks its key, and nothing else [trap: upcaster]`,
    (kind) => faultyInMidRebuild(kind, fault),
  )

promise(
  'P7 P8',
  'rolled-back code rebuilds: newer events wait with their keys, and are handled when the newer code is back [trap: upcaster]',
  async (kind) => {
    const world = await createWorld(kind, [peopleAt(1), guestsAt(1)])
    await rename(world, 'old', 'Ada Byron')
    await rename(world, 'both', 'Grace Murray')
    await world.settle()
    await world.restart([peopleAt(2), guestsAt(2)])
    await untilRebuilt(world)
    await rename(world, 'both', 'Grace Hopper')
    await rename(world, 'new', 'Mary Shelley')
    await untilRebuilt(world)
    await world.restart([peopleAt(2), guestsAt(1)])
    for (const name of ['projected', 'people']) await rebuild(world, name)
    await world.advance(60_000)
    expect(await known(world, 'old')).toMatchObject({ projected: ['Ada Byron'], replica: 'Ada Byron' })
    expect(await known(world, 'both'), 'up to where it knows').toMatchObject({
      projected: ['Grace Murray'],
      replica: 'Grace Murray',
    })
    expect(await known(world, 'new')).toMatchObject({ projected: [], replica: undefined })
    const deferred = deferredEvents(world.system.service('guests'))
    expect(deferred).toHaveLength(4)
    for (const event of deferred)
      expect(event).toMatchObject({ state: 'waiting', attempts: 0, error: { code: 'VERSION_FROM_FUTURE' } })
    await world.restart([peopleAt(2), guestsAt(2)])
    await rename(world, 'old', 'Ada King')
    await untilRebuilt(world)
    expect(deferredEvents(world.system.service('guests'))).toEqual([])
    expect((await known(world, 'both')).projected, 'in order').toEqual(['Grace Murray', 'Grace|Hopper'])
    expect(await known(world, 'new')).toMatchObject({ projected: ['Mary|Shelley'], replica: 'Mary|Shelley' })
    expect((await known(world, 'old')).replica).toBe('Ada|King')
    await world.close()
  },
)
