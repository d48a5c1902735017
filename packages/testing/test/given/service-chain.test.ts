// A service alone: its handlers, commands and queries, on the real runtime.

import { describe, expect, test } from 'vitest'
import { anything, given, retracted } from '../../src/index.ts'
import {
  bar,
  broken,
  Cases,
  care,
  DrinkOrdered,
  DrinkServed,
  DrinksSold,
  FeedbackGiven,
  FeedbackText,
  ForgetGuest,
  GuestChanged,
  guests,
  kitchen,
  NoteShift,
  OpenTab,
  OrderDrink,
  openCase,
  RegisterGuest,
  serveDrink,
  tab,
} from '../systems/cafe.ts'

const ann = { guestId: 'ann', name: 'Ann' }
const tea = { tabId: 't-1', guestId: 'ann', drink: 'tea', cents: 250 }
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  )

describe('a handler', () => {
  test('with a replica, its own rows, an event, and a command of its own', async () => {
    await given(kitchen)
      .replicas({ guests: [ann] })
      .tables({ served: [{ tabId: 't-1', drinks: ['juice'] }] })
      .when(serveDrink, tea, { occurredAt: new Date('2026-02-03T04:05:06Z'), principal: 'waiter' })
      .then({
        published: [
          [
            DrinkServed,
            { tabId: 't-1', drink: 'tea', to: 'Ann' },
            { occurredAt: new Date('2026-02-03T04:05:06Z'), principal: 'waiter', key: 't-1' },
          ],
        ],
        tables: {
          served: [{ tabId: 't-1', drinks: ['juice', 'tea'] }],
          shifts: [{ day: '2026-02-03', count: anything }],
        },
        executed: [[NoteShift, { tabId: 't-1' }]],
      })
  })
  test('handles an event given by its contract, too', async () => {
    await given(kitchen)
      .replicas({ guests: [ann] })
      .when(DrinkOrdered, tea)
      .then({
        tables: { served: [{ tabId: 't-1', drinks: ['tea'] }] },
      })
  })
  test('looks up, and gets undefined for what is gone', async () => {
    const low = { feedbackId: 'f-1', score: 1 }
    await given(care)
      .lookups(FeedbackText, ({ feedbackId }) => ({ text: `text of ${feedbackId}` }))
      .when(openCase, low)
      .then({ tables: { cases: [{ feedbackId: 'f-1', text: 'text of f-1' }] } })
    await given(care)
      .lookups(FeedbackText, () => undefined)
      .when(FeedbackGiven, low)
      .then({ tables: { cases: [{ feedbackId: 'f-1', text: null }] } })
    await given(care).when(openCase, { feedbackId: 'f-1', score: 5 }).thenNothing()
  })
  test('fails: with what it throws, with a missing row, with a lookup that nobody answers', async () => {
    broken.add('tea')
    await given(kitchen)
      .replicas({ guests: [ann] })
      .when(serveDrink, tea)
      .thenFails('there is no tea')
    broken.clear()
    await given(kitchen).when(serveDrink, tea).thenFails('REPLICA_ROW_MISSING')
    await given(care)
      .when(openCase, { feedbackId: 'f-1', score: 1 })
      .thenFails(/answers no lookup of feedback-text/)
  })
  test('is given only what is published from then on', async () => {
    await given(kitchen)
      .replicas({ guests: [ann, { guestId: 'bob', name: 'Bob' }] })
      .when(DrinkOrdered, tea)
      .then({
        published: [[DrinkServed, { tabId: 't-1', drink: 'tea', to: anything }]],
      })
  })
})

describe('a command', () => {
  test('answers, publishes, writes', async () => {
    await given(guests)
      .tables({ guestBook: [{ ...ann, visits: 4 }] })
      .when(RegisterGuest, { ...ann, name: 'Anne' })
      .then({
        output: { visits: 5 },
        published: [[GuestChanged, { guestId: 'ann', name: 'Anne' }]],
        tables: { guestBook: [{ guestId: 'ann', name: 'Anne', visits: 5 }] },
      })
  })
  test('retracts', async () => {
    await given(guests)
      .tables({ guestBook: [{ ...ann, visits: 4 }] })
      .when(ForgetGuest, { guestId: 'ann' })
      .then({ published: [[GuestChanged, retracted('ann')]], tables: { guestBook: [] } })
  })
  test('is rejected, or refused as invalid', async () => {
    await given(guests)
      .when(RegisterGuest, { ...ann, name: '' })
      .thenRejected('no-name')
    await given(guests)
      .when(RegisterGuest, { guestId: 4 as never, name: 'Ann' })
      .thenFails('INVALID_PAYLOAD')
  })
  test('of a decider: facts, the events mapped from them, an inline read model', async () => {
    await given(bar)
      .facts(tab, 't-1', [['opened', { guestId: 'ann' }]])
      .when(OrderDrink, { tabId: 't-1', drink: 'tea', cents: 250 })
      .then({
        facts: [[tab, 't-1', [['ordered', { drink: 'tea', cents: 250 }]]]],
        published: [[DrinkOrdered, tea]],
        readModels: { drinks: [{ drink: 'tea', count: 1 }] },
      })
    await given(bar)
      .facts(tab, 't-1', [['opened', { guestId: 'ann' }]])
      .when(OpenTab, { tabId: 't-1', guestId: 'bob' })
      .thenRejected('already-open')
  })
})

describe('a query', () => {
  test('answers, or says that it is gone', async () => {
    await given(care)
      .tables({ cases: [{ feedbackId: 'f-1', text: 'cold' }] })
      .when(Cases, {})
      .thenAnswers([{ feedbackId: 'f-1', text: 'cold' }])
    await given(bar).when(DrinksSold, { drink: 'tea' }).thenGone()
    await given(bar)
      .facts(tab, 't-1', [
        ['opened', { guestId: 'ann' }],
        ['ordered', { drink: 'tea', cents: 250 }],
      ])
      .when(DrinksSold, { drink: 'tea' })
      .thenAnswers(1)
  })
})

describe('what the chain says', () => {
  test('other rows, other events: the difference', async () => {
    const outcome = given(kitchen)
      .replicas({ guests: [ann] })
      .when(serveDrink, tea)
    expect(await messageOf(outcome.then({ tables: { served: [{ tabId: 't-1', drinks: [] }] } }))).toBe(
      'Handler serve-drink of kitchen: the rows of the table served are not as expected.\n\n- expected\n+ found\n\n- [{ drinks: [], tabId: "t-1" }]\n+ [{ drinks: ["tea"], tabId: "t-1" }]',
    )
    expect(await messageOf(outcome.then({ published: [] }))).toContain('the published events are not as expected.')
    expect(await messageOf(outcome.then({ executed: [] }))).toContain('+ [["note-shift", { tabId: "t-1" }]]')
    expect(await messageOf(outcome.thenNothing())).toContain('events were published.')
    expect(await messageOf(outcome.thenFails('x'))).toContain('did not fail, but the test expects the error x.')
  })
  test('a failure where none was expected, with its cause', async () => {
    const outcome = given(kitchen).when(serveDrink, tea)
    expect(await messageOf(outcome.then({}))).toMatch(/^Handler serve-drink of kitchen failed: Replica guests/)
  })
  test('an event without a handler, an unknown table, an incomplete service', async () => {
    expect(await messageOf(given(care).when(GuestChanged, ann).then({}))).toContain(
      'has no handler for this event: cafe.guest-changed',
    )
    expect(() => given(care).tables({ parcels: [] } as never)).toThrow('Service care has no table "parcels".')
    expect(() => given({ name: 'care', with: () => care } as never)).toThrow('is not complete')
  })
  test('an await in the wrong place', async () => {
    const awaited = async () => await (given(care).when(GuestChanged, ann) as unknown as Promise<void>)
    await expect(awaited()).rejects.toThrow('continue with .then(…)')
  })
})
