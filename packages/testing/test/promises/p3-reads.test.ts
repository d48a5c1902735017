// P3 and P1 for functions that read many rows: the rows must be unchanged when it commits, and a function sees its own writes.

import fc from 'fast-check'
import { defineCommand, defineService, defineTable } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const stone = z.object({ id: z.string(), colour: z.enum(['red', 'blue']), weight: z.number() })
type Stone = z.infer<typeof stone>
const stones = defineTable('stones')
  .version(1, stone)
  .key(({ id }) => id)
  .index('colour')
const weighings = defineTable('weighings')
  .version(1, z.object({ how: z.string(), weight: z.number() }))
  .key(({ how }) => how)

const hows = ['list', 'find', 'getMany'] as const
const Weigh = defineCommand('weigh', { input: z.object({ how: z.enum(hows) }) })
const write = z.object({ stone, removed: z.boolean() })
const read = z.object({
  colour: z.enum(['red', 'blue']).nullable(),
  after: z.string().nullable(),
  reverse: z.boolean(),
  limit: z.number(),
})
type Read = z.infer<typeof read>
const Work = defineCommand('work', {
  input: z.object({ writes: z.array(write), reads: z.array(read) }),
  output: z.array(z.array(z.string())),
})

function quarryWith(pause: () => Promise<void>) {
  const quarry = defineService('quarry', { tables: { stones, weighings } })
  return quarry.with({
    weigh: quarry.command(Weigh, async ({ how }, { tables }) => {
      const found =
        how === 'list'
          ? await tables.stones.list()
          : how === 'find'
            ? await tables.stones.find('colour', 'red')
            : await tables.stones.getMany(['a', 'b'])
      await pause()
      tables.weighings.put({ how, weight: found.reduce((sum, each) => sum + (each?.weight ?? 0), 0) })
    }),
    work: quarry.command(Work, async ({ writes, reads }, { tables }) => {
      for (const { stone, removed } of writes) {
        if (removed) tables.stones.remove(stone.id)
        else tables.stones.put(stone)
      }
      const seen: string[][] = []
      for (const { colour, after, ...options } of reads) {
        const asked = { ...options, ...(after === null ? {} : { after }) }
        const rows = await (colour === null ? tables.stones.list(asked) : tables.stones.find('colour', colour, asked))
        seen.push(rows.map(({ id, colour, weight }) => `${id} ${colour} ${weight}`))
      }
      return seen
    }),
  })
}

const put = (id: string, weight: number) => ({ stone: { id, colour: 'red', weight }, removed: false })

async function weighedAtOnce(kind: EngineKind, between: Between = {}): Promise<void> {
  let meanwhile: (() => Promise<unknown>) | undefined
  const world: World = await createWorld(
    kind,
    [
      quarryWith(async () => {
        const once = meanwhile
        meanwhile = undefined
        await once?.()
      }),
    ],
    between,
  )
  const quarry = () => world.system.service('quarry')
  for (const how of hows) {
    await world.run(quarry().command('work', { writes: [put('a', 1), put('b', 2)], reads: [] }))
    meanwhile = () => quarry().command('work', { writes: [put('b', 20)], reads: [] })
    await world.run(quarry().command('weigh', { how }))
  }
  expect(await rowsOf(world, 'quarry', 'weighings')).toEqual([...hows].sort().map((how) => ({ how, weight: 21 })))
  await world.close()
}

promise(
  'P3',
  'a function that has read many rows decides on the rows as they are when it commits [trap: inbox-race]',
  (kind) => weighedAtOnce(kind),
)
brokenPromise('P3', 'an engine that does not check whether rows have changed', (kind) =>
  weighedAtOnce(kind, {
    spoil: (unit) => ({ ...unit, checks: unit.checks.filter(({ table }) => table !== 'stones') }),
  }),
)

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const anyStone: fc.Arbitrary<Stone> = fc.record({
  id: ids,
  colour: fc.constantFrom('red', 'blue'),
  weight: fc.nat({ max: 9 }),
})
const anyWrite = fc.record({ stone: anyStone, removed: fc.boolean() })
const anyRead: fc.Arbitrary<Read> = fc.record({
  colour: fc.constantFrom('red', 'blue', null),
  after: fc.option(ids),
  reverse: fc.boolean(),
  limit: fc.integer({ min: 1, max: 7 }),
})

promise('P1', 'a function sees its own writes as all others see them after the commit', async (kind) => {
  const world = await createWorld(kind, [quarryWith(async () => {})])
  const work = async (writes: readonly unknown[], reads: readonly Read[]) =>
    (await world.run(world.system.service('quarry').command('work', { writes, reads }))) as { output: unknown }
  const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ stone: { id, colour: 'red', weight: 0 }, removed: true }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStone, { maxLength: 6 }),
      fc.array(anyWrite, { maxLength: 5 }),
      fc.array(anyRead, { minLength: 1, maxLength: 6 }),
      async (before, writes, reads) => {
        await work([...all, ...before.map((stone) => ({ stone, removed: false }))], [])
        const within = await work(writes, reads)
        const afterwards = await work([], reads)
        expect(within.output).toEqual(afterwards.output)
      },
    ),
    { numRuns: 100 },
  )
  await world.close()
})
