// In any order means: in every order that can really happen, across owners too, and never one that cannot.

import { defineEvent, defineService, defineTable } from 'tidings'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { given } from '../../src/index.ts'

const Numbered = z.object({ id: z.string(), number: z.number() })
const event = (owner: string) =>
  defineEvent(`${owner}.said`, { owner, pattern: 'notification' })
    .version(1, Numbered)
    .key(({ id }) => id)
const [Left, Right] = [event('left'), event('right')]

const Row = z.object({ id: z.string(), left: z.number(), right: z.number() })
const rows = defineTable('rows')
  .version(1, Row)
  .key(({ id }) => id)

/** The orders in which the events arrived, each as a text. */
const arrived: string[][] = []
const base = defineService('ears', { readModels: { rows } })
const projection = base.projection('both', { writes: ['rows'] })

function ears(needsLeft: boolean) {
  const none = (id: string) => ({ id, left: 0, right: 0 })
  return base.with({
    both: projection
      .on(Left, async ({ id, number }, { tables }) => {
        arrived.at(-1)?.push(`left ${id}${number}`)
        const row = (await tables.rows.get(id)) ?? none(id)
        if (number !== row.left + 1) throw new Error(`${id}${number} after ${id}${row.left}`)
        tables.rows.put({ ...row, left: number })
      })
      .on(Right, async ({ id, number }, { tables }) => {
        arrived.at(-1)?.push(`right ${id}${number}`)
        const row = await tables.rows.get(id)
        if (row === undefined && needsLeft) return
        tables.rows.put({ ...(row ?? none(id)), right: number })
      }),
  })
}

const events = given(ears(false), 'both').events([
  [Left, { id: 'a', number: 1 }],
  [Left, { id: 'a', number: 2 }],
  [Right, { id: 'a', number: 1 }],
])

describe('inAnyOrder', () => {
  test('finds a projection that needs the event of one owner before that of another, and shows the order', async () => {
    const outcome = given(ears(true), 'both')
      .events([
        [Left, { id: 'a', number: 1 }],
        [Right, { id: 'a', number: 1 }],
      ])
      .inAnyOrder()
      .then({ rows: [{ id: 'a', left: 1, right: 1 }] })
    await expect(outcome).rejects.toThrow(
      [
        'The order of arrival:',
        '  1. right.said of right: {"id":"a","number":1}',
        '  2. left.said of left: {"id":"a","number":1}',
      ].join('\n'),
    )
  })

  test('never swaps events of one key of one owner', async () => {
    await events.inAnyOrder().then({ rows: [{ id: 'a', left: 2, right: 1 }] })
  })

  test('swaps events of one owner with other keys', async () => {
    const swapped = given(ears(false), 'both')
      .events([
        [Left, { id: 'a', number: 1 }],
        [Left, { id: 'b', number: 1 }],
      ])
      .inAnyOrder()
    arrived.splice(0, arrived.length, [])
    await swapped.then({ rows: [1, 2].map((index) => ({ id: 'ab'[index - 1] as string, left: 1, right: 0 })) })
    const order = arrived.flat().join()
    expect(order).toContain('left a1,left b1')
    expect(order).toContain('left b1,left a1')
  })

  test('without it, events arrive in the order in which they are given, across owners too', async () => {
    arrived.splice(0, arrived.length, [])
    await events.then({ rows: [{ id: 'a', left: 2, right: 1 }] })
    expect(arrived.flat().slice(0, 3)).toEqual(['left a1', 'left a2', 'right a1'])
  })

  test('of many orders the seed chooses some, the same ones each time', async () => {
    const many = given(ears(false), 'both').events(
      [...'abcdefg'].map((id) => [id < 'd' ? Left : Right, { id, number: 1 }] as const),
    )
    const play = async () => {
      arrived.splice(0, arrived.length, [])
      await many.inAnyOrder().then({})
      return arrived.flat().join()
    }
    const once = await play()
    expect(once.split(',').length, '24 orders of seven events, each twice: with the rebuild').toBe(24 * 7 * 2)
    expect(await play()).toBe(once)
  })
})
