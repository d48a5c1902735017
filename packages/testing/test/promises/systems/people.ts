// A system at a version of its code, for promises about evolution: people own streams with snapshots, a table and two contracts; guests
// handle their events in a handler, a projection and a replica.

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
import { z } from 'zod'
import type { World } from '../setup/world.ts'
import { rowsOf, send } from './fulfilment.ts'

const v1 = z.object({ id: z.string(), name: z.string() })
const v2 = z.object({ id: z.string(), first: z.string(), last: z.string() })
const v3 = z.object({ id: z.string(), first: z.string(), last: z.string(), greeting: z.string() })
export type V1 = z.infer<typeof v1>
type V2 = z.infer<typeof v2>

export const split = ({ id, name }: V1) => {
  const [first = '', last = ''] = name.split(' ')
  return { id, first, last }
}
const greet = (older: V2) => ({ ...older, greeting: `Dear ${older.first}` })

/** The steps between a contract's versions; a test may break one. */
export interface Steps {
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
export function peopleAt(version: number, steps: Steps = {}): Service {
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
    label: people.command(Label, (input, { tables }) =>
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
export function guestsAt(version: number, steps: Steps = {}, fail: () => boolean = () => false): Service {
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

export const rename = (world: World, id: string, name: string) => send(world, 'people', 'rename', { id, name })

/** What the consumer's handler, projection and replica know of an id. */
export async function known(world: World, id: string) {
  const generation = (name: string) =>
    world.system.service('guests').status.readModels.find((model) => model.name === name)?.generation
  const row = async (table: string) => (await rowsOf(world, 'guests', table)).find((found) => found.id === id)
  const copy = await world.system.service('guests').store.get(`people@${generation('people')}`, id)
  return {
    heard: (await row('heard'))?.texts ?? [],
    projected: (await row(`projected@${generation('projected')}`))?.texts ?? [],
    replica: copy === undefined ? undefined : shown(JSON.parse(copy.json)),
  }
}

export async function untilRebuilt(world: World): Promise<void> {
  await world.settle()
  const busy = () => world.system.service('guests').status.readModels.some(({ rebuild }) => rebuild !== undefined)
  for (let tries = 0; busy() && tries < 50; tries++) await world.advance(100)
  await world.settle()
}
