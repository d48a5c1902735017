// A mill that several instances run: sacks are ground once each, in the order of their farmer, and two sources count into one row of a read model.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import type { Store } from 'tidings/ports'
import { z } from 'zod'
import type { World } from '../setup/world.ts'

const Sack = z.object({ farmer: z.string(), number: z.number() })
export const Bring = defineCommand('bring', { input: Sack })
export const Brought = defineEvent('test.brought', { owner: 'yard', pattern: 'notification' })
  .version(1, Sack)
  .key(({ farmer }) => farmer)
export const Carted = defineEvent('test.carted', { owner: 'road', pattern: 'notification' })
  .version(1, Sack)
  .key(({ farmer }) => farmer)

const numbersOf = (name: string) =>
  defineTable(name)
    .version(1, z.object({ farmer: z.string(), numbers: z.array(z.number()) }))
    .key(({ farmer }) => farmer)
const ground = numbersOf('ground')
const weighed = numbersOf('weighed')
const sums = defineTable('sums')
  .version(1, z.object({ of: z.string(), sacks: z.number() }))
  .key(({ of }) => of)
const reshapedSums = defineTable('sums')
  .version(1, z.object({ of: z.string(), sacks: z.number() }))
  .version(2, z.object({ of: z.string(), sacks: z.number(), unit: z.string().default('sack') }), (sum) => sum)
  .key(({ of }) => of)

const yardDefinition = defineService('yard', { publishes: [Brought] })
/** Where sacks are brought. */
export const yard = yardDefinition.with({
  bring: yardDefinition.command(Bring, { publishes: [Brought] }, (sack, { publish }) => publish(Brought, sack)),
})
const roadDefinition = defineService('road', { publishes: [Carted] })
/** Where sacks are carted. */
export const road = roadDefinition.with({
  bring: roadDefinition.command(Bring, { publishes: [Carted] }, (sack, { publish }) => publish(Carted, sack)),
})

/** What the mill does besides. */
export interface MillOptions {
  /** Newer code, which also weighs each sack: from now on, or all from the first one on. */
  readonly weighs?: 'now' | 'beginning'
  /** Newer code, which calls its subscriber another name. */
  readonly renamed?: boolean
  /** Newer code, whose read model has another shape. */
  readonly reshaped?: boolean
  /** Into how many partitions its handlers are divided. */
  readonly partitions?: number
  /** Called for each sack before it is ground. */
  readonly onSack?: (sack: z.infer<typeof Sack>) => void | Promise<void>
}

/** A mill. */
export function millWith({
  onSack = () => {},
  weighs,
  renamed = false,
  reshaped = false,
  partitions,
}: MillOptions = {}): Service {
  const divided = partitions === undefined ? {} : { partitions }
  const mill = defineService('mill', {
    tables: { ground, weighed },
    readModels: { sums: (reshaped ? reshapedSums : sums) as typeof sums },
    limits: { attemptsMax: 2 },
    ...(renamed ? { subscribers: { stones: { was: 'main', ...divided } } } : { subscribers: { main: divided } }),
  })
  const subscriber = renamed ? 'stones' : 'main'
  const weigh = mill.on(Brought, { from: weighs ?? 'now', subscriber }, async (sack, { tables }) => {
    const numbers = (await tables.weighed.get(sack.farmer))?.numbers ?? []
    tables.weighed.put({ farmer: sack.farmer, numbers: [...numbers, sack.number] })
  })
  return mill.with({
    ...(weighs === undefined ? {} : { weigh }),
    grind: mill.on(Brought, { subscriber }, async (sack, { tables }) => {
      await onSack(sack)
      const numbers = (await tables.ground.get(sack.farmer))?.numbers ?? []
      tables.ground.put({ farmer: sack.farmer, numbers: [...numbers, sack.number] })
    }),
    sums: mill
      .projection('sums', { writes: ['sums'] })
      .on(Brought, (_, { tables }) => count(tables.sums))
      .on(Carted, (_, { tables }) => count(tables.sums)),
  })
}

interface Sum {
  readonly of: string
  readonly sacks: number
}

async function count(rows: { get(key: string): Promise<Sum | undefined>; put(sum: Sum): void }): Promise<void> {
  rows.put({ of: 'all', sacks: ((await rows.get('all'))?.sacks ?? 0) + 1 })
}

/** Brings sacks: `a1` is the first of farmer a. */
export async function bring(world: World, from: 'yard' | 'road', ...sacks: readonly string[]): Promise<void> {
  const service = world.system.service(from)
  for (const sack of sacks)
    await world.run(service.command('bring', { farmer: sack.charAt(0), number: Number(sack.slice(1)) }))
}

/** What was ground, by farmer. */
export async function whatIsGround(
  store: Store,
  table = 'ground',
): Promise<Readonly<Record<string, readonly number[]>>> {
  const rows = await rowsIn<{ farmer: string; numbers: readonly number[] }>(store, table)
  return Object.fromEntries(rows.map(({ farmer, numbers }) => [farmer, numbers]))
}

/** How many sacks the read model has counted, from both sources. */
export async function sacksCounted(store: Store, generation = 1): Promise<number> {
  const [sum] = await rowsIn<Sum>(store, `sums@${generation}`)
  return sum?.sacks ?? 0
}

async function rowsIn<T>(store: Store, table: string): Promise<readonly T[]> {
  return (await store.find({ table, limit: 1_000 })).map(({ json }) => JSON.parse(json) as T)
}
