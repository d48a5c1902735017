// Events of any version, newer ones and invalid ones: they wait, or are parked with a code, unless they are declared readable or
// have a downcast. Nothing is mangled, and all other events are handled.

import fc from 'fast-check'
import {
  defineCommand,
  defineEvent,
  defineService,
  defineTable,
  type LoggedEvent,
  replicaOf,
  type Service,
} from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import type { Broker } from 'tidings/ports'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type EngineKind, engines } from '../promises/setup/engines.ts'
import { createWorld, type World } from '../promises/setup/world.ts'
import { rowsOf } from '../promises/systems/fulfilment.ts'

/** The latest version that the code knows; its data say in `trail` how they were read. */
const known = 3
const shape = z.object({ id: z.string(), trail: z.string() })
const step = ({ id, trail }: z.infer<typeof shape>) => ({ id, trail: `${trail}+` })
const Said = defineEvent('test.said', { owner: 'speaker', pattern: 'state-transfer' })
  .version(1, shape)
  .version(2, shape, step)
  .version(3, shape, step)
  .key(({ id }) => id)
const Say = defineCommand('say', { input: shape })
const rows = (name: string) =>
  defineTable(name)
    .version(1, z.object({ id: z.string(), trails: z.array(z.string()) }))
    .key(({ id }) => id)

function services(): readonly Service[] {
  const speaker = defineService('speaker', { publishes: [Said] })
  const limits = { attemptsMax: 2, retryDelayMs: 10, retryDelayMsMax: 100, waitMsMax: 1_000 }
  const hearer = defineService('hearer', {
    tables: { heard: rows('heard') },
    readModels: { projected: rows('projected') },
    replicas: { copies: replicaOf(Said) },
    limits,
  })
  type Rows = { get(key: string): Promise<{ trails: string[] } | undefined>; put(row: object): void }
  const add = async (table: Rows, { id, trail }: z.infer<typeof shape>) =>
    table.put({ id, trails: [...((await table.get(id))?.trails ?? []), trail] })
  return [
    speaker.with({ say: speaker.command(Say, { publishes: [Said] }, (input, { publish }) => publish(Said, input)) }),
    hearer.with({
      hear: hearer.on(Said, (data, { tables }) => add(tables.heard as never, data)),
      project: hearer
        .projection('projected', { writes: ['projected'] })
        .on(Said, (data, { tables }) => add(tables.projected as never, data)),
    }),
  ]
}

/** What a publisher with other code may declare about an event. */
interface Claim {
  readonly version: number
  readonly readableFrom: number
  /** The versions of its downcasts. */
  readonly renderings: readonly number[]
}

const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 9 }) },
  fc.constantFrom(0, -1, 0.5, 1.5, 2.5, 3.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 60, 1e300, -0, Number.NaN),
  fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
)
const claims: fc.Arbitrary<Claim> = fc.record(
  {
    version: numbers,
    readableFrom: numbers,
    renderings: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
  },
  { noNullPrototype: true },
)

/** How the text of an event is read: the promise in a few lines. `undefined` if it must not be read. */
function expectedTrail({ version, readableFrom, renderings }: Claim, trail: string): string | undefined {
  if (!Number.isSafeInteger(version) || version < 1) return undefined
  if (version <= known) return trail + '+'.repeat(known - version)
  if (readableFrom >= 1 && readableFrom <= known) return trail
  return renderings.includes(known) ? `${trail} as ${known}` : undefined
}

const isVersion = (version: number) => Number.isSafeInteger(version) && version >= 1

/** Delivers events as other code would have published them. */
function claiming(broker: Broker, claimed: ReadonlyMap<string, Claim>): Broker {
  const as = (event: LoggedEvent): LoggedEvent => {
    const { trail } = JSON.parse(event.data ?? '') as z.infer<typeof shape>
    const claim = claimed.get(trail)
    if (claim === undefined) return event
    const renderings = claim.renderings.map((version) => [version, { id: event.key, trail: `${trail} as ${version}` }])
    const downcasts = renderings.length === 0 ? null : JSON.stringify(Object.fromEntries(renderings))
    return { ...event, version: claim.version, readableFrom: claim.readableFrom, downcasts }
  }
  return {
    ...broker,
    read: async (source, request) => {
      const page = await broker.read(source, request)
      return { ...page, events: page.events.map(as) }
    },
  }
}

interface Publication {
  readonly id: string
  readonly claim: Claim | undefined
}

async function hearAll(kind: EngineKind, publications: readonly Publication[]): Promise<void> {
  const claimed = new Map<string, Claim>()
  for (const [index, { claim }] of publications.entries()) if (claim !== undefined) claimed.set(`said ${index}`, claim)
  const world = await createWorld(kind, services(), { broker: (broker) => claiming(broker, claimed) })
  const say = (id: string, trail: string) => world.run(world.system.service('speaker').command('say', { id, trail }))
  for (const [index, { id }] of publications.entries()) await say(id, `said ${index}`)
  await say('other', 'after all')
  await world.advance(5_000)
  await checkHeard(world, publications)
  // Without the claims, as when the code knows the versions, everything is handled in order.
  claimed.clear()
  await world.run(redrive(world.system.service('hearer'), {}, { dryRun: false }))
  await world.advance(5_000)
  expect(deferredEvents(world.system.service('hearer'))).toEqual([])
  const all = await trailsOf(world, 'heard')
  for (const id of new Set(publications.map((each) => each.id)))
    expect(all[id]).toHaveLength(publications.filter((each) => each.id === id).length)
  await world.close()
}

async function trailsOf(world: World, table: string): Promise<Record<string, readonly string[]>> {
  const found = await rowsOf(world, 'hearer', table)
  return Object.fromEntries(found.map(({ id, trails }) => [id, trails as string[]]))
}

async function checkHeard(world: World, publications: readonly Publication[]): Promise<void> {
  const expected: Record<string, string[]> = { other: ['after all'] }
  const deferredOf = new Map<string, { code: string; state: string }>()
  for (const [index, { id, claim }] of publications.entries()) {
    if (deferredOf.has(id)) continue
    const trail = claim === undefined ? `said ${index}` : expectedTrail(claim, `said ${index}`)
    if (trail !== undefined) expected[id] = [...(expected[id] ?? []), trail]
    else if (isVersion(claim?.version ?? 0)) deferredOf.set(id, { code: 'VERSION_FROM_FUTURE', state: 'waiting' })
    else deferredOf.set(id, { code: 'CORRUPT_DATA', state: 'parked' })
  }
  for (const table of ['heard', 'projected@1']) expect(await trailsOf(world, table), table).toEqual(expected)
  const copies = Object.fromEntries((await rowsOf(world, 'hearer', 'copies@1')).map(({ id, trail }) => [id, trail]))
  expect(copies, 'the latest that could be read').toEqual(
    Object.fromEntries(Object.entries(expected).map(([id, trails]) => [id, trails.at(-1)])),
  )
  const heads = deferredEvents(world.system.service('hearer')).filter(({ state }) => state !== 'blocked')
  expect(heads, 'visibly, in each subscriber').toHaveLength(3 * deferredOf.size)
  for (const { key, state, error } of heads) expect({ code: error?.code, state }).toEqual(deferredOf.get(key))
  for (const status of world.system.service('hearer').status.subscriptions) expect(status).toMatchObject({ lag: 0 })
}

for (const kind of engines) {
  test(`P8 (${kind.name}): an event of any version is read as it declares, or is deferred with its key and a code [trap: upcaster, payloads]`, async () => {
    const publications = fc.array(
      fc.record(
        { id: fc.constantFrom('a', 'b', 'c'), claim: fc.option(claims, { nil: undefined }) },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(publications, (each) => hearAll(kind, each)),
      { numRuns: kind.name === 'SQLite' ? 8 : 60 },
    )
  })
}
