// Projections and replicas alone, filled from history.

import { defineService, defineTable, replicaOf } from 'tidings'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { given, retracted } from '../../src/index.ts'
import { bar, DrinkOrdered, GuestChanged, kitchen, tab, till } from '../systems/cafe.ts'

const drink = (tabId: string, cents: number) => ({ tabId, guestId: 'ann', drink: 'tea', cents })
const on = (day: string) => ({ occurredAt: new Date(`${day}T12:00:00Z`) })

describe('a projection', () => {
  test('of events', async () => {
    await given(till, 'by-day')
      .events([
        [DrinkOrdered, drink('t-1', 250), on('2026-01-05')],
        [DrinkOrdered, drink('t-2', 100), on('2026-01-05')],
        [DrinkOrdered, drink('t-1', 300), on('2026-01-06')],
      ])
      .inAnyOrder()
      .then({
        days: [
          { day: '2026-01-06', cents: 300 },
          { day: '2026-01-05', cents: 350 },
        ],
      })
  })
  test('of facts, inline', async () => {
    await given(bar, 'by-drink')
      .facts(tab, 't-1', [
        ['opened', { guestId: 'ann' }],
        ['ordered', { drink: 'tea', cents: 250 }],
        ['ordered', { drink: 'tea', cents: 250 }],
      ])
      .then({ drinks: [{ drink: 'tea', count: 2 }] })
  })
  test('that is not a function of its history fails (P7)', async () => {
    const rows = defineTable('rows')
      .version(1, z.object({ key: z.string(), n: z.int() }))
      .key((row) => row.key)
    const definition = defineService('counting', { readModels: { rows } })
    let runs = 0
    const counting = definition.with({
      counter: definition.projection('counter', { writes: ['rows'] }).on(DrinkOrdered, (_drink, { tables }) => {
        tables.rows.put({ key: 'runs', n: ++runs })
      }),
    })
    const outcome = given(counting, 'counter').events([[DrinkOrdered, drink('t-1', 250)]])
    await expect(outcome.then({ rows: [{ key: 'runs', n: 1 }] })).rejects.toThrow(
      'counter of counting has other rows than expected after a rebuild: rows.',
    )
  })
  test('that throws says so', async () => {
    const rows = defineTable('rows')
      .version(1, z.object({ key: z.string() }))
      .key((row) => row.key)
    const definition = defineService('failing', { readModels: { rows } })
    const failing = definition.with({
      thrower: definition.projection('thrower', { writes: ['rows'] }).on(DrinkOrdered, () => {
        throw new RangeError('no room')
      }),
    })
    const outcome = given(failing, 'thrower').events([[DrinkOrdered, drink('t-1', 250)]])
    await outcome.thenFails('no room')
    await expect(outcome.then({ rows: [] })).rejects.toThrow('thrower of failing failed: no room')
  })
})

describe('a replica', () => {
  test('keeps the latest version of each key, whatever arrives first', async () => {
    await given(kitchen, 'guests')
      .events([
        [GuestChanged, { guestId: 'ann', name: 'Ann' }, { entityVersion: 2 }],
        [GuestChanged, { guestId: 'ann', name: 'Anne' }, { entityVersion: 1 }],
        [GuestChanged, { guestId: 'bob', name: 'Bob' }],
      ])
      .inAnyOrder()
      .then({
        guests: [
          { guestId: 'ann', name: 'Ann' },
          { guestId: 'bob', name: 'Bob' },
        ],
      })
  })
  test('a tombstone keeps its version: an older state that arrives later is ignored', async () => {
    await given(kitchen, 'guests')
      .events([
        [GuestChanged, retracted('ann'), { entityVersion: 3 }],
        [GuestChanged, { guestId: 'ann', name: 'Ann' }, { entityVersion: 1 }],
        [GuestChanged, { guestId: 'ann', name: 'Anna' }, { entityVersion: 2 }],
      ])
      .then({ guests: [] })
    await given(kitchen, 'guests')
      .events([
        [GuestChanged, retracted('ann'), { entityVersion: 2 }],
        [GuestChanged, { guestId: 'ann', name: 'Ann' }, { entityVersion: 3 }],
      ])
      .inAnyOrder()
      .then({ guests: [{ guestId: 'ann', name: 'Ann' }] })
  })
  test('says in which order it went wrong', async () => {
    const outcome = given(kitchen, 'guests')
      .events([[GuestChanged, { guestId: 'ann', name: 'Ann' }]])
      .inAnyOrder()
    await expect(outcome.then({ guests: [] })).rejects.toThrow(
      /^guests of kitchen has other rows than expected: guests\.\n\nThe order of arrival:\n {2}1\. \S+ of guests: \{"guestId":"ann"/,
    )
  })
  test('that the service does not have', () => {
    expect(() => given(till, 'guests')).toThrow('Service till has no projection or replica "guests".')
    expect(replicaOf(GuestChanged).kind).toBe('replica')
  })
})
