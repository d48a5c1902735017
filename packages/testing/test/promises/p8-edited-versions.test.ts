// P8 Evolvable: a version that is edited after data were stored under it is noticed at the next start, with its name, version and member.

import {
  defineCommand,
  defineDecider,
  defineEffect,
  defineEvent,
  defineService,
  defineTable,
  fact,
  replicaOf,
  type Schema,
  type Service,
  timer,
} from 'tidings'
import type { EditedVersions, ServiceRuntime } from 'tidings/runtime'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { send } from './systems/fulfilment.ts'

type Shape = z.ZodType<{ id: string }>
const before: Shape = z.object({ id: z.string(), total: z.number().optional() })
/** The same, but the total is required. */
const after: Shape = z.object({ id: z.string(), total: z.number() })

/** A service that stores something of every kind under version 1 of one schema. */
function shop(shape: Shape, more: { readonly sold?: Shape } = {}): Service {
  const ofId = ({ id }: { id: string }) => id
  const Sold = defineEvent('test.sold', { owner: 'shop', pattern: 'state-transfer' })
    .version(1, more.sold ?? shape)
    .key(ofId)
  const table = (name: string) => defineTable(name).version(1, shape).key(ofId)
  const Sell = defineCommand('sell', { input: z.looseObject({ id: z.string() }) })
  const Record = defineCommand('record', { input: z.looseObject({ id: z.string() }), key: ofId })
  const Receipt = defineEffect('receipt', { input: shape, key: ofId })
  const sale = defineDecider('sale', {
    commands: { Record },
    facts: { sold: fact(shape) },
    initialState: () => '',
    decide: { Record: (data, _state, { facts }) => facts.sold(data) },
    evolve: { sold: (state: string) => state },
  })
  const definition = defineService('shop', {
    publishes: [Sold],
    tables: { sales: table('sales') },
    readModels: { totals: table('totals') },
    replicas: { copies: replicaOf(Sold) },
    timers: { remind: timer(shape) },
  })
  return definition.with({
    sell: definition.command(
      Sell,
      { publishes: [Sold], requests: [Receipt], executes: [Record] },
      async (data, { publish, tables, timers, request, execute }) => {
        publish(Sold, data)
        tables.sales.put(data)
        timers.remind.after(data.id, { days: 1 }, data)
        request(Receipt, data, { after: { days: 1 } })
        await execute(Record, data)
      },
    ),
    sale: definition.decider(sale),
    totals: definition
      .projection('totals', { writes: ['totals'] })
      .on(Sold, (data, { tables }) => tables.totals.put(data)),
    care: definition
      .process('care', {
        facts: { noted: fact(shape) },
        initialState: () => '',
        evolve: { noted: (s: string) => s },
        timers: { check: timer(shape) },
      })
      .starts(Sold, ofId, (data, { timers, facts }) => {
        timers.check.after({ days: 1 }, data)
        return facts.noted(data)
      })
      .due('check', () => {}),
    remind: definition.due('remind', {}, () => {}),
    receipt: definition.effect(Receipt, { perform: () => undefined }),
  })
}

const everything = [
  'Event test.sold',
  'Fact sold of sale',
  'Fact noted of care',
  'Table sales',
  'Read model totals',
  'Replica copies',
  'Timer remind',
  'Timer check of process care',
  'Effect receipt',
]
const edits = (of: readonly string[]) =>
  of.map((what) => ({ what, version: 1, member: '/total', change: 'is required now' }))

const start = (kind: EngineKind, service: Service, mode: EditedVersions = 'warn') =>
  createWorld(kind, [service], {}, { editedVersions: mode })
const status = (world: World) => (world.system.service('shop') as ServiceRuntime).status.versions
const warnings = (world: World) =>
  world.lines.filter(({ message }) => message.startsWith('A version was edited')).map(({ fields }) => fields)

async function sold(kind: EngineKind, service: Service, mode?: EditedVersions): Promise<World> {
  const world = await start(kind, service, mode)
  await send(world, 'shop', 'sell', { id: 'a' })
  await world.settle()
  return world
}

async function noticed(kind: EngineKind, edited: Shape): Promise<void> {
  const world = await sold(kind, shop(before))
  expect(status(world)).toEqual({ checked: 9, notChecked: [], edited: [] })
  for (let time = 0; time < 2; time++) {
    await world.restart([shop(edited)])
    expect(status(world), 'at every start').toEqual({ checked: 9, notChecked: [], edited: edits(everything) })
  }
  const next = 'npx tidings accept-versions shop'
  expect(warnings(world)).toEqual([...edits(everything), ...edits(everything)].map((edit) => ({ ...edit, next })))
  await world.restart([shop(before)])
  expect(status(world)?.edited, 'the edit was undone').toEqual([])
  await world.close()
}

promise(
  'P8',
  'a required member added to a version with stored data is named: events, facts, rows, timers, effects',
  (kind) => noticed(kind, after),
)
brokenPromise('P8', 'an edit that only adds an optional member', (kind) =>
  noticed(kind, z.object({ id: z.string(), total: z.number().optional(), note: z.string().optional() })),
)

promise('P8', 'an edit is refused in development, until it is accepted or undone', async (kind) => {
  const world = await sold(kind, shop(before), 'refuse')
  const refused = await world.restart([shop(after)]).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'VERSION_EDITED',
    message: expect.stringContaining('Event test.sold version 1: /total is required now'),
    hint: expect.stringContaining('tidings accept-versions shop'),
  })
  await world.restart([shop(before)])
  expect(status(world)?.edited).toEqual([])
  await world.close()
})

promise('P8', 'an accepted edit is found no more, and the next one is', async (kind) => {
  const world = await sold(kind, shop(before))
  await world.restart([shop(after)])
  expect(await world.run(world.system.service('shop').acceptVersions())).toEqual(edits(everything))
  expect(status(world)?.edited).toEqual([])
  await world.restart([shop(after)])
  expect(status(world)?.edited).toEqual([])
  await world.restart([shop(z.object({ id: z.string(), total: z.int() }))])
  expect(status(world)?.edited[0]).toMatchObject({ member: '/total', change: 'was number, and must be integer now' })
  await world.close()
})

promise('P8', 'a version without stored data can be edited: nobody has used it yet', async (kind) => {
  const world = await start(kind, shop(before), 'refuse')
  await world.restart([shop(after)])
  expect(status(world)?.edited).toEqual([])
  await send(world, 'shop', 'sell', { id: 'a', total: 1 })
  await world.settle()
  const strict = z.object({ id: z.string(), total: z.number(), note: z.string() })
  expect(await world.restart([shop(strict)]).catch((error: unknown) => error)).toMatchObject({ code: 'VERSION_EDITED' })
  await world.restart([shop(after)])
  await world.close()
})

promise('P8', 'data stored under a shape that was wider for a while are remembered', async (kind) => {
  const world = await sold(kind, shop(before))
  // The member is left out, so nothing is known of its type; data stored before still have it as a number.
  await world.restart([shop(z.object({ id: z.string() }))])
  expect(status(world)?.edited).toEqual([])
  await world.restart([shop(z.object({ id: z.string(), total: z.string().optional() }))])
  expect(status(world)?.edited[0]).toMatchObject({ member: '/total', change: 'was number, and must be string now' })
  await world.close()
})

promise(
  'P8',
  'what is only said in another way is no edit, and what has no JSON Schema is said to be unchecked',
  async (kind) => {
    const world = await sold(kind, shop(before))
    const described = z.object({ total: z.number().min(0).optional().describe('In euros'), id: z.string().min(1) })
    await world.restart([shop(described.meta({ title: 'A sale' }))])
    expect(status(world)).toEqual({ checked: 9, notChecked: [], edited: [] })
    const silent: Schema = { '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) } }
    await world.restart([shop(before, { sold: silent as never })])
    expect(status(world)).toEqual({
      checked: 7,
      notChecked: ['Event test.sold version 1', 'Replica copies version 1'],
      edited: [],
    })
    await world.close()
  },
)

promise(
  'P8',
  'nothing is derived, compared or kept unless it is asked for: a function host starts fast',
  async (kind) => {
    const counted = { derived: 0 }
    const counting = {
      '~standard': {
        version: 1,
        vendor: 'other',
        validate: (value: unknown) => ({ value }),
        jsonSchema: {
          output: () => {
            counted.derived++
            return { type: 'object' }
          },
        },
      },
    } as never
    const world = await createWorld(kind, [shop(counting)])
    await send(world, 'shop', 'sell', { id: 'a' })
    await world.settle()
    expect(status(world)).toBeUndefined()
    expect(counted.derived).toBe(0)
    expect(await world.system.service('shop').store.tableNames()).not.toContain('tidings.shapes')
    await world.close()
  },
)
