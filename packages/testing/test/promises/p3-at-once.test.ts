// P3 again: functions that change the same row or instance at the same time decide on its state at their commit, and publish once.

import { defineCommand, defineService, defineTable, type Service } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'

const sums = defineTable('sums')
  .version(1, z.object({ to: z.string(), commands: z.number(), letters: z.number() }))
  .key(({ to }) => to)
const Count = defineCommand('count', { input: z.object({ to: z.string() }) })

/** A service in which commands and letters increment one row, each with a pause between its read and its write. */
function countingWith(pause: () => Promise<void>): Service {
  const counting = defineService('counting', { tables: { sums }, limits: { conflictRetriesMax: 50 } })
  return counting.with({
    count: counting.command(Count, async ({ to }, { tables }) => {
      const before = await tables.sums.get(to)
      await pause()
      tables.sums.put({ to, letters: before?.letters ?? 0, commands: (before?.commands ?? 0) + 1 })
    }),
    countLetter: counting.on(LetterSent, async ({ to }, { tables }) => {
      const before = await tables.sums.get(to)
      await pause()
      tables.sums.put({ to, commands: before?.commands ?? 0, letters: (before?.letters ?? 0) + 1 })
    }),
  })
}

async function countedAtOnce(kind: EngineKind, between: Between = {}): Promise<void> {
  const world: World = await createWorld(kind, [post, countingWith(() => world.pause(3))], between)
  const counting = world.system.service('counting')
  await sendLetters(world, 'a1', 'a2', 'b1')
  const begun = ['a', 'a', 'b', 'a'].map((to) => counting.command('count', { to }))
  await sendLetters(world, 'a3')
  await world.run(Promise.all(begun))
  await world.settle()
  expect(await rowsOf(world, 'counting', 'sums')).toEqual([
    { to: 'a', commands: 3, letters: 3 },
    { to: 'b', commands: 1, letters: 1 },
  ])
  await world.close()
}

promise(
  'P3',
  'commands and handlers that change the same row at the same time each keep their effect [trap: inbox-race]',
  (kind) => countedAtOnce(kind),
)
brokenPromise('P3', 'an engine that does not check whether a row has changed', (kind) =>
  countedAtOnce(kind, {
    spoil: (unit) => ({ ...unit, checks: unit.checks.filter(({ table }) => table !== 'sums') }),
  }),
)
