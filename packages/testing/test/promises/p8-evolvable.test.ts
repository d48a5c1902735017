// P8 Evolvable: new code reads what old code wrote, everywhere, and old code reads what it can of the new.

import { deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { publishedBy, send } from './systems/fulfilment.ts'
import { guestsAt, known, peopleAt, rename, type Steps, split, untilRebuilt, type V1 } from './systems/people.ts'

async function upcastEverywhere(kind: EngineKind, steps: Steps = {}): Promise<void> {
  const world = await createWorld(kind, [peopleAt(1)])
  for (const name of ['Ada Byron', 'Ada King', 'Ada Lovelace']) await rename(world, 'p1', name)
  await send(world, 'people', 'label', { id: 'p1', label: 'countess' })
  await world.settle()
  await world.restart([peopleAt(2, steps), guestsAt(2, steps)])
  await rename(world, 'p1', 'Augusta King')
  await untilRebuilt(world)
  const all = ['Ada|Byron', 'Ada|King', 'Ada|Lovelace', 'Augusta|King']
  expect(await known(world, 'p1')).toEqual({ heard: all, projected: all, replica: 'Augusta|King' })
  // The stream is folded again from its facts (snapshots of another shape are ignored), and rows are migrated when they are read.
  const badge = () => world.run(world.system.service('people').query('badge', { id: 'p1' }))
  expect(await badge()).toEqual({
    state: `/${all.join('/')}`,
    row: '{"id":"p1","label":"countess","length":8}',
  })
  await world.restart([peopleAt(3, steps), guestsAt(3, steps)])
  await rename(world, 'p1', 'Ada King')
  await untilRebuilt(world)
  expect(await known(world, 'p1')).toMatchObject({ replica: 'Ada|King|Dear Ada' })
  await world.run(world.system.service('guests').rebuild('projected'))
  await world.settle()
  expect((await known(world, 'p1')).projected, 'the whole chain, from the first version on').toEqual(
    [...all, 'Ada|King'].map((text) => `${text}|Dear ${text.split('|')[0]}`),
  )
  expect(await publishedBy(world, 'people'), 'nothing was published again').toHaveLength(10)
  await world.close()
}

promise('P8', 'new code reads old events, facts, snapshots, rows and replicas everywhere [trap: upcaster]', (kind) =>
  upcastEverywhere(kind),
)
brokenPromise('P8', 'an upcaster that forgets a name', (kind) =>
  upcastEverywhere(kind, { split: (older) => ({ ...split(older), last: '' }) }),
)

async function redrivenUpcast(kind: EngineKind, steps: Steps = {}): Promise<void> {
  const world = await createWorld(kind, [peopleAt(1), guestsAt(1, {}, () => true)])
  await rename(world, 'p1', 'Ada Byron')
  await rename(world, 'p1', 'Ada King')
  await world.settle()
  expect(deferredEvents(world.system.service('guests')).map(({ state }) => state)).toEqual(['parked', 'blocked'])
  await world.restart([peopleAt(2), guestsAt(2, steps)])
  await rename(world, 'p1', 'Ada Lovelace')
  await world.run(redrive(world.system.service('guests'), {}, { dryRun: false }))
  await untilRebuilt(world)
  expect((await known(world, 'p1')).heard).toEqual(['Ada|Byron', 'Ada|King', 'Ada|Lovelace'])
  await world.close()
}

promise('P8', 'a parked event is upcast when it is redriven [trap: upcaster]', (kind) => redrivenUpcast(kind))
brokenPromise('P8', 'an upcaster that throws after the redrive', (kind) =>
  redrivenUpcast(kind, {
    split: () => {
      throw new Error('no')
    },
  }),
)

async function throwingUpcaster(kind: EngineKind, steps: Steps): Promise<void> {
  const world = await createWorld(kind, [peopleAt(1)])
  await rename(world, 'bad', 'Nobody')
  await rename(world, 'good', 'Ada King')
  await world.settle()
  await world.restart([peopleAt(2), guestsAt(2, steps)])
  await rename(world, 'bad', 'Some Body')
  await untilRebuilt(world)
  const deferred = deferredEvents(world.system.service('guests'))
  expect(new Set(deferred.map(({ subscriber }) => subscriber))).toEqual(
    new Set(['main', 'projection.projected', 'replica.people']),
  )
  for (const head of deferred.filter(({ state }) => state === 'parked'))
    expect(head).toMatchObject({ key: 'bad', error: { code: 'UPCAST_FAILED' } })
  expect(await known(world, 'bad'), 'never mangled').toEqual({ heard: [], projected: [], replica: undefined })
  expect(await known(world, 'good')).toEqual({ heard: ['Ada|King'], projected: ['Ada|King'], replica: 'Ada|King' })
  await world.restart([peopleAt(2), guestsAt(2)])
  await world.run(redrive(world.system.service('guests'), {}, { dryRun: false }))
  await untilRebuilt(world)
  const all = ['Nobody|', 'Some|Body']
  expect(await known(world, 'bad')).toEqual({ heard: all, projected: all, replica: 'Some|Body' })
  await world.close()
}

const strict = (older: V1) => {
  if (!older.name.includes(' ')) throw new Error('one name only')
  return split(older)
}
promise(
  'P8',
  'an event whose upcaster throws is deferred with its key, and is handled once the upcaster is fixed [trap: upcaster]',
  (kind) => throwingUpcaster(kind, { split: strict }),
)
brokenPromise('P8', 'an upcaster that invents data', (kind) => throwingUpcaster(kind, { split }))

async function fromTheFuture(kind: EngineKind, steps: Steps): Promise<void> {
  const world = await createWorld(kind, [peopleAt(1), guestsAt(1)])
  await rename(world, 'p1', 'Ada Byron')
  await world.settle()
  await world.restart([peopleAt(2, steps), guestsAt(1)])
  await rename(world, 'p1', 'Ada King')
  await rename(world, 'p2', 'Grace Hopper')
  await world.advance(3_600_000)
  const service = world.system.service('guests')
  expect(await known(world, 'p1')).toEqual({ heard: ['Ada Byron'], projected: ['Ada Byron'], replica: 'Ada Byron' })
  const deferred = deferredEvents(service)
  expect(deferred).toHaveLength(6)
  for (const event of deferred)
    expect(event).toMatchObject({ state: 'waiting', attempts: 0, error: { code: 'VERSION_FROM_FUTURE' } })
  expect(
    service.status.subscriptions.reduce((sum, { waiting }) => sum + waiting, 0),
    'visibly',
  ).toBe(6)
  const log = await world.system.service('people').store.readEventLog({ after: '', limit: 100 })
  const accounts = await deliveriesOf(service, log.events.slice(-2))
  expect(accounts).toContainEqual(expect.objectContaining({ state: 'waiting', subscriber: 'main' }))
  await world.restart([peopleAt(2, steps), guestsAt(2)])
  await rename(world, 'p1', 'Ada Lovelace')
  await untilRebuilt(world)
  expect(deferredEvents(world.system.service('guests'))).toEqual([])
  const { heard: texts, replica } = await known(world, 'p1')
  expect(texts, 'in order').toEqual(['Ada Byron', 'Ada|King', 'Ada|Lovelace'])
  expect(replica).toBe('Ada|Lovelace')
  expect((await known(world, 'p2')).heard).toEqual(['Grace|Hopper'])
  await world.close()
}

promise(
  'P8',
  'an event newer than the code waits, visibly, and is handled in order when the code knows it [trap: upcaster]',
  (kind) => fromTheFuture(kind, {}),
)
brokenPromise('P8', 'an event that claims to need no waiting', (kind) => fromTheFuture(kind, { downcast: true }))

promise('P8', 'an older reader continues if the new version is compatible or has a downcast', async (kind) => {
  const world = await createWorld(kind, [peopleAt(3, { compatible: true }), guestsAt(2)])
  await rename(world, 'p1', 'Ada King')
  await world.settle()
  expect(await known(world, 'p1'), 'compatible: read as it is, with what was added').toMatchObject({
    heard: ['Ada|King|Dear Ada'],
    replica: 'Ada|King|Dear Ada',
  })
  await world.close()
  const other = await createWorld(kind, [peopleAt(2, { downcast: true }), guestsAt(1)])
  await rename(other, 'p1', 'Ada King')
  await other.settle()
  expect(await known(other, 'p1'), 'the downcast travels along').toEqual({
    heard: ['Ada King'],
    projected: ['Ada King'],
    replica: 'Ada King',
  })
  await other.close()
})

promise('P8', 'rolled-back code refuses its own newer data, and changes nothing [trap: upcaster]', async (kind) => {
  const world = await createWorld(kind, [peopleAt(2)])
  await rename(world, 'p1', 'Ada King')
  await send(world, 'people', 'label', { id: 'p1', label: 'countess' })
  await world.restart([peopleAt(1)])
  const refused = await rename(world, 'p1', 'Ada Lovelace').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'VERSION_FROM_FUTURE' })
  const asked = world.run(world.system.service('people').query('badge', { id: 'p1' }))
  expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: 'VERSION_FROM_FUTURE' })
  expect(await rename(world, 'p2', 'Grace Hopper'), 'data that it can read still work').toMatchObject({
    accepted: true,
  })
  await world.restart([peopleAt(2)])
  await rename(world, 'p1', 'Ada Lovelace')
  expect(await world.run(world.system.service('people').query('badge', { id: 'p1' }))).toEqual({
    state: '/Ada|King/Ada|Lovelace',
    row: '{"id":"p1","label":"countess","length":8}',
  })
  await world.close()
})
