// P3 for a handler that goes on after its batch was committed, and for retries beside the batches: each event has its effect once, on what it has read.

import { defineService, defineTable, type Limits, type Service, TidingsError } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { secondRuntime } from './setup/second-runtime.ts'
import { createWorld, type World } from './setup/world.ts'
import { publishedBy, rowsOf } from './systems/fulfilment.ts'
import { Hanging } from './systems/hanging.ts'
import {
  deferredLetters,
  deskWith,
  type Letter,
  LetterSent,
  lettersRead,
  post,
  sendLetters,
} from './systems/letters.ts'

const statusOf = (world: World) => world.system.service('desk').status.subscriptions[0]

/** Counts all letters in one row, and is slow after it has read the row. */
function tallyWith(onLetter: (letter: Letter) => unknown, limits: Partial<Limits> = {}): Service {
  const tally = defineTable('tally')
    .version(1, z.object({ id: z.string(), count: z.number(), last: z.string() }))
    .key(({ id }) => id)
  const definition = defineService('desk', { tables: { tally }, limits })
  return definition.with({
    count: definition.on(LetterSent, async (letter, { tables }) => {
      const before = await tables.tally.get('all')
      await onLetter(letter)
      const last = `${letter.to}${letter.number}`
      tables.tally.put({ id: 'all', count: (before?.count ?? 0) + 1, last })
    }),
  })
}

promise(
  'P3',
  'what a handler that goes on has read is checked: if it was changed, it runs again [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    const world: World = await createWorld(kind, [post, tallyWith((letter) => hanging.wait(letter) ?? world.pause(1))])
    // The handler is known to wait, so that the next batch runs its keys in parallel from the start.
    await sendLetters(world, 'x1', 'y1')
    await world.settle()
    await sendLetters(world, 'a1', 'b1', 'c1')
    await world.advance(2_000)
    await sendLetters(world, 'd1')
    await world.advance(2_000)
    expect(await rowsOf(world, 'desk', 'tally')).toMatchObject([{ count: 5 }])
    const begun = hanging.begun.filter((name) => name === 'a1').length
    hanging.letGo()
    await world.advance(100)
    expect(hanging.begun.filter((name) => name === 'a1').length, 'it has run again').toBe(begun + 1)
    hanging.end()
    await world.settle()
    expect(await rowsOf(world, 'desk', 'tally'), 'no update is lost').toMatchObject([{ count: 6, last: 'a1' }])
    await world.close()
  },
)

promise(
  'P3',
  'what a handler that goes on has read of its own batch is taken as committed: it runs once [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging(({ to, number }) => to === 'a' && number === 2)
    const world: World = await createWorld(kind, [
      post,
      deskWith({ onLetter: (letter) => hanging.wait(letter) ?? world.pause(1) }),
    ])
    await sendLetters(world, 'x1', 'y1')
    await world.settle()
    await sendLetters(world, 'a1', 'b1', 'a2')
    await world.advance(2_000)
    expect(deferredLetters(world)).toEqual(['a@5 running'])
    hanging.end()
    await world.settle()
    expect(hanging.begun.filter((name) => name === 'a2')).toHaveLength(1)
    expect((await lettersRead(world)).a).toEqual([1, 2])
    await world.close()
  },
)

promise(
  'P3',
  'what a handler that goes on has read of its own batch, and the batch has changed since, is not taken as committed [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    const pauses: Readonly<Record<string, number>> = { b: 1, d: 5 }
    const slow = (letter: Letter) => hanging.wait(letter) ?? world.pause(pauses[letter.to] ?? 1)
    const world: World = await createWorld(kind, [post, tallyWith(slow, { keysInParallelMax: 2 })])
    await sendLetters(world, 'x1', 'y1')
    await world.settle()
    await sendLetters(world, 'b1', 'd1', 'a1')
    await world.advance(2_000)
    expect(await rowsOf(world, 'desk', 'tally')).toMatchObject([{ count: 4, last: 'd1' }])
    hanging.end()
    await world.settle()
    expect(await rowsOf(world, 'desk', 'tally'), 'no update is lost').toMatchObject([{ count: 5, last: 'a1' }])
    expect(hanging.begun.filter((name) => name === 'a1')).toHaveLength(2)
    await world.close()
  },
)

promise(
  'P3',
  'a retry that runs in a runtime that was replaced has no effect [trap: slow-key, zombie]',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    const onLetter = (letter: Letter, { attempt }: { attempt: number }) => {
      if (letter.to === 'a' && attempt === 1) throw new Error('at first')
      return hanging.wait(letter) ?? world.pause(1)
    }
    const world: World = await createWorld(kind, [post, deskWith({ onLetter })])
    await sendLetters(world, 'a1', 'b1')
    await world.advance(2_000)
    expect(statusOf(world)).toMatchObject({ running: 1, slowest: { key: 'a' } })
    const first = hanging.take()
    const second = await secondRuntime(world, 'desk')
    await sendLetters(world, 'b2')
    await world.advance(2_000)
    hanging.end()
    await world.advance(100)
    await sendLetters(world, 'b3')
    await world.advance(2_000)
    first()
    await world.advance(2_000)
    expect(await lettersRead(world)).toEqual({ a: [1], b: [1, 2, 3] })
    expect(await publishedBy(world, 'desk')).toHaveLength(4)
    await world.run(second.close())
    await world.close()
  },
)

promise(
  'P3',
  'if the batch of a handler that goes on cannot be committed at first, it runs once all the same [trap: slow-key]',
  async (kind) => {
    const hanging = new Hanging(({ to }) => to === 'a')
    let isFull = false
    let refused = 0
    const world: World = await createWorld(kind, [post, deskWith({ onLetter: (letter) => hanging.wait(letter) })], {
      beforeCommit: ({ service }) => {
        if (service !== 'desk' || !isFull) return
        refused++
        throw new TidingsError('STORE_UNAVAILABLE', 'The disk is full.')
      },
    })
    await sendLetters(world, 'a1')
    await world.advance(500)
    isFull = true
    await sendLetters(world, 'b1', 'c1')
    await world.advance(3_000)
    expect(refused).toBeGreaterThan(0)
    isFull = false
    await world.advance(5_000)
    expect(deferredLetters(world)).toEqual(['a@1 running'])
    hanging.end()
    await world.settle()
    expect(await lettersRead(world)).toEqual({ a: [1], b: [1], c: [1] })
    expect(hanging.begun.filter((name) => name === 'a1')).toHaveLength(1)
    await world.close()
  },
)

/** The batch of a1 and a2, in which a2 hangs, meets a conflict; the second time, a1 does something else. */
async function refusedOnce(kind: EngineKind, again: (world: World) => unknown): Promise<void> {
  const hanging = new Hanging(({ to, number }) => to === 'a' && number === 2)
  const begun: string[] = []
  let conflicts = 0
  const onLetter = (letter: Letter) => {
    const name = `${letter.to}${letter.number}`
    begun.push(name)
    if (name === 'a1' && begun.filter((one) => one === 'a1').length === 2) return again(world)
    return hanging.wait(letter) ?? world.pause(1)
  }
  const world: World = await createWorld(kind, [post, deskWith({ onLetter, limits: { retryDelayMs: 10_000 } })], {
    spoil: (unit) => {
      const isLeft = unit.rows.some(({ table, key }) => table === 'tidings.held' && key.startsWith('main/post/'))
      if (!isLeft || conflicts++ > 0) return unit
      return { ...unit, checks: [...unit.checks, { table: 'read', key: 'nobody', revision: 1_000_000 }] }
    },
  })
  await sendLetters(world, 'x1', 'y1')
  await world.settle()
  await sendLetters(world, 'a1', 'a2', 'b1')
  await world.advance(4_000)
  expect(conflicts).toBeGreaterThan(0)
  hanging.end()
  await world.advance(1_000)
  await world.settle()
  expect(await lettersRead(world)).toMatchObject({ a: [1, 2], b: [1] })
  expect(statusOf(world)).toMatchObject({ running: 0 })
  await world.close()
}

promise(
  'P4',
  'if a batch meets a conflict and then an earlier event fails, what went on behind it waits again [trap: slow-key]',
  (kind) =>
    refusedOnce(kind, () => {
      throw new Error('at the second time')
    }),
)
promise(
  'P4',
  'if a batch meets a conflict and then an earlier event hangs, what went on behind it waits again [trap: slow-key]',
  (kind) => refusedOnce(kind, (world) => world.pause(2_500)),
)
