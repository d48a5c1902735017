// P8 Evolvable: what was written by old code is read by new code wherever it is read, and by old code what it can read of the new.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineQuery,
  defineService,
  defineTable,
  type EventContract,
  fact,
  replicaOf,
  type Service,
} from 'tidings'
import { deliveriesOf, heldLetters, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './engines.ts'
import { publishedBy, rowsOf, send } from './fulfilment.ts'
import { brokenPromise, promise } from './promise-test.ts'
import { createWorld, type World } from './world.ts'

const v1 = z.object({ id: z.string(), name: z.string() })
const v2 = z.object({ id: z.string(), first: z.string(), last: z.string() })
const v3 = z.object({ id: z.string(), first: z.string(), last: z.string(), greeting: z.string() })
type V1 = z.infer<typeof v1>
type V2 = z.infer<typeof v2>

const split = ({ id, name }: V1) => {
  const [first = '', last = ''] = name.split(' ')
  return { id, first, last }
}
const greet = (older: V2) => ({ ...older, greeting: `Dear ${older.first}` })

/** How a contract's versions are made; a test may break a step. */
interface Steps {
  readonly split?: typeof split
  readonly compatible?: boolean
  readonly downcast?: boolean
}

function contract(name: string, pattern: 'state-transfer' | 'event-sourcing', version: number, steps: Steps) {
  const first = defineEvent(name, { owner: 'people', pattern }).version(1, v1)
  const ofId = ({ id }: { id: string }) => id
  if (version === 1) return first.key(ofId)
  const second = first.version(2, v2, steps.split ?? split, {
    ...(steps.downcast === true ? { downcast: ({ id, first: a, last: b }) => ({ id, name: `${a} ${b}` }) } : {}),
  })
  if (version === 2) return second.key(ofId)
  return second.version(3, v3, greet, { compatible: steps.compatible === true }).key(ofId)
}

/** The same data in every version, as one text. */
function shown(data: Record<string, unknown>): string {
  return Object.entries(data)
    .filter(([name]) => name !== 'id')
    .map(([, value]) => value)
    .join('|')
}

const Rename = defineCommand('rename', { input: z.object({ id: z.string(), name: z.string() }), key: ({ id }) => id })
const Badge = defineQuery('badge', {
  owner: 'people',
  input: z.object({ id: z.string() }),
  output: z.object({ state: z.string(), row: z.string() }),
})

const splitFact = ({ name }: { name: string }) => {
  const [first = '', last = ''] = name.split(' ')
  return { first, last }
}

/** The owner at a version of its code: a stream with snapshots, a table, and two contracts. */
function peopleAt(version: number, steps: Steps = {}): Service {
  const changed = contract('test.person-changed', 'state-transfer', version, steps)
  const renamed = contract('test.person-renamed', 'event-sourcing', version, steps)
  const dataOf = (id: string, name: string): never => {
    const second = split({ id, name })
    return (version === 1 ? { id, name } : version === 2 ? second : greet(second)) as never
  }
  const named = fact(z.object({ name: z.string() }))
  const latest = version === 1 ? named : named.version(2, z.object({ first: z.string(), last: z.string() }), splitFact)
  const person = defineDecider('person', {
    commands: { Rename },
    facts: { named: latest as never },
    initialState: () => '',
    decide: {
      Rename: ({ name }, _state, { facts }) =>
        (facts as { named(data: object): never }).named(version === 1 ? { name } : splitFact({ name })),
    },
    evolve: { named: (state: string, data: Record<string, unknown>) => `${state}/${shown(data)}` },
    snapshot: { every: 2, version },
  })
  const oldRow = defineTable('badges').version(1, z.object({ id: z.string(), label: z.string() }))
  const badges = (
    version === 1
      ? oldRow
      : oldRow.version(2, z.object({ id: z.string(), label: z.string(), length: z.number() }), (row) => ({
          ...row,
          length: row.label.length,
        }))
  ).key((row: { id: string }) => row.id)
  const Label = defineCommand('label', { input: z.object({ id: z.string(), label: z.string() }) })
  const people = defineService('people', { publishes: [changed, renamed], tables: { badges: badges as never } })
  return people.with({
    person: people.decider(person as never, {
      publishes: [changed, renamed],
      announce: {
        named: (data: Record<string, unknown>, _state: unknown, { event, meta }: never) => {
          const { stream } = meta as { stream: string }
          const name = version === 1 ? String(data.name) : `${data.first} ${data.last}`
          const say = event as (to: EventContract, what: unknown) => never
          return [say(changed, dataOf(stream, name)), say(renamed, dataOf(stream, name))]
        },
      } as never,
    }),
    label: people.command(Label, {}, (input, { tables }) =>
      (tables as unknown as { badges: { put(row: object): void } }).badges.put(
        version === 1 ? input : { ...input, length: input.label.length },
      ),
    ),
    badge: people.query(Badge, async ({ id }, { tables, streams }) => {
      const { badges: rows } = tables as unknown as { badges: { get(key: string): Promise<object | undefined> } }
      const { state } = await streams.load(person as never, id)
      return { state: String(state), row: JSON.stringify(await rows.get(id)) }
    }),
  })
}

const kept = z.object({ id: z.string(), texts: z.array(z.string()) })
const heard = defineTable('heard')
  .version(1, kept)
  .key(({ id }) => id)
const projected = defineTable('projected')
  .version(1, kept)
  .key(({ id }) => id)

/** A consumer at a version of its code: a handler, a projection and a replica. */
function guestsAt(version: number, steps: Steps = {}, fail: () => boolean = () => false): Service {
  const changed = contract('test.person-changed', 'state-transfer', version, steps)
  const renamed = contract('test.person-renamed', 'event-sourcing', version, steps)
  const guests = defineService('guests', {
    tables: { heard },
    readModels: { projected },
    replicas: { people: replicaOf(changed as never) },
    limits: { attemptsMax: 2 },
  })
  return guests.with({
    hear: guests.on(renamed as never, {}, async (data: Record<string, unknown>, { tables }) => {
      const id = String(data.id)
      tables.heard.put({ id, texts: [...((await tables.heard.get(id))?.texts ?? []), shown(data)] })
      if (fail()) throw new Error('not now')
    }),
    project: guests
      .projection('projected', { writes: ['projected'] })
      .on(renamed as never, async (data: Record<string, unknown>, { tables }) => {
        const id = String(data.id)
        tables.projected.put({ id, texts: [...((await tables.projected.get(id))?.texts ?? []), shown(data)] })
      }),
  })
}

const rename = (world: World, id: string, name: string) => send(world, 'people', 'rename', { id, name })

/** What the consumer's handler, projection and replica hold of an id. */
async function known(world: World, id: string) {
  const generation = (name: string) =>
    world.system.service('guests').status.readModels.find((model) => model.name === name)?.generation
  const row = async (table: string) => (await rowsOf(world, 'guests', table)).find((found) => found.id === id)
  const copy = await world.system.service('guests').core.store.get(`people@${generation('people')}`, id)
  return {
    heard: (await row('heard'))?.texts ?? [],
    projected: (await row(`projected@${generation('projected')}`))?.texts ?? [],
    replica: copy === undefined ? undefined : shown(JSON.parse(copy.json)),
  }
}

async function untilRebuilt(world: World): Promise<void> {
  await world.settle()
  const busy = () => world.system.service('guests').status.readModels.some(({ rebuild }) => rebuild !== undefined)
  for (let tries = 0; busy() && tries < 50; tries++) await world.advance(100)
  await world.settle()
}

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
  // The stream is folded again from its facts (snapshots of another shape are passed over), rows are migrated as they are read.
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

promise('P8', 'old events, facts, snapshots, rows and replicas are read by new code, wherever they are read', (kind) =>
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
  expect(heldLetters(world.system.service('guests')).map(({ state }) => state)).toEqual(['parked', 'queued'])
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
  const held = heldLetters(world.system.service('guests'))
  expect(new Set(held.map(({ subscriber }) => subscriber))).toEqual(
    new Set(['main', 'projection.projected', 'replica.people']),
  )
  for (const head of held.filter(({ state }) => state === 'parked'))
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
promise('P8', 'an event whose upcaster throws is held with its key, and comes in when it is mended', (kind) =>
  throwingUpcaster(kind, { split: strict }),
)
brokenPromise('P8', 'an upcaster that makes something up', (kind) => throwingUpcaster(kind, { split }))

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
  const held = heldLetters(service)
  expect(held).toHaveLength(6)
  for (const letter of held)
    expect(letter).toMatchObject({ state: 'waiting', attempts: 0, error: { code: 'VERSION_FROM_FUTURE' } })
  expect(
    service.status.subscriptions.reduce((sum, { waiting }) => sum + waiting, 0),
    'visibly',
  ).toBe(6)
  const log = await world.system.service('people').core.store.readLog({ after: '', limit: 100 })
  const accounts = await deliveriesOf(service, log.events.slice(-2))
  expect(accounts).toContainEqual(expect.objectContaining({ state: 'waiting', subscriber: 'main' }))
  await world.restart([peopleAt(2, steps), guestsAt(2)])
  await rename(world, 'p1', 'Ada Lovelace')
  await untilRebuilt(world)
  expect(heldLetters(world.system.service('guests'))).toEqual([])
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
brokenPromise('P8', 'an event that says it needs no waiting', (kind) => fromTheFuture(kind, { downcast: true }))

promise('P8', 'an older reader goes on where the new version is compatible, or brings a downcast', async (kind) => {
  const world = await createWorld(kind, [peopleAt(3, { compatible: true }), guestsAt(2)])
  await rename(world, 'p1', 'Ada King')
  await world.settle()
  expect(await known(world, 'p1'), 'compatible: read as it is').toMatchObject({
    heard: ['Ada|King'],
    replica: 'Ada|King',
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

promise('P8', 'code that was rolled back refuses what it cannot read of its own, and changes nothing', async (kind) => {
  const world = await createWorld(kind, [peopleAt(2)])
  await rename(world, 'p1', 'Ada King')
  await send(world, 'people', 'label', { id: 'p1', label: 'countess' })
  await world.restart([peopleAt(1)])
  const refused = await rename(world, 'p1', 'Ada Lovelace').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'VERSION_FROM_FUTURE' })
  const asked = world.run(world.system.service('people').query('badge', { id: 'p1' }))
  expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: 'VERSION_FROM_FUTURE' })
  expect(await rename(world, 'p2', 'Grace Hopper'), 'what it can read goes on').toMatchObject({ accepted: true })
  await world.restart([peopleAt(2)])
  await rename(world, 'p1', 'Ada Lovelace')
  expect(await world.run(world.system.service('people').query('badge', { id: 'p1' }))).toEqual({
    state: '/Ada|King/Ada|Lovelace',
    row: '{"id":"p1","label":"countess","length":8}',
  })
  await world.close()
})
