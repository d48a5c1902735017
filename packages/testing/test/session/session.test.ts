// The runtime in sessions: every pattern once, failures, crashes and repair. The in-memory driver, no sleeps.

import { createSeededRandom } from 'tidings/memory'
import { afterEach, describe, expect, test } from 'vitest'
import { createSession, inSession, type Session } from '../../src/index.ts'
import * as cafe from '../systems/cafe.ts'
import {
  bar,
  broken,
  Cases,
  care,
  counter,
  DrinkCounted,
  DrinkOrdered,
  DrinkServed,
  DrinksSold,
  FeedbackGiven,
  ForgetGuest,
  feedback,
  GiveFeedback,
  GuestChanged,
  guests,
  kitchen,
  OpenTab,
  OrderDrink,
  RegisterGuest,
  Revenue,
  till,
} from '../systems/cafe.ts'

afterEach(() => broken.clear())

const ann = { guestId: 'ann', name: 'Ann' }
const everyone = [guests, bar, kitchen, till, feedback, care]

async function openTab(session: Session, tabId = 't-1', guestId = 'ann') {
  await session.command(bar, OpenTab, { tabId, guestId })
}
async function order(session: Session, drink: string, tabId = 't-1') {
  await session.command(bar, OrderDrink, { tabId, drink, cents: 250 }, { occurredAt: new Date('2026-01-05T12:00:00Z') })
}
const servedOn = async (session: Session, tabId = 't-1') =>
  (await session.published(DrinkServed)).filter(({ data }) => data?.tabId === tabId).map(({ data }) => data?.drink)

describe('the three patterns', () => {
  test('notification: the handler looks the text up at the owner, and gone is a value', () =>
    inSession({ services: [feedback, care] }, async (session) => {
      await session.command(feedback, GiveFeedback, { feedbackId: 'f-1', score: 1, text: 'cold' })
      await session.command(feedback, GiveFeedback, { feedbackId: 'f-2', score: 5, text: 'fine' })
      await session.settled()
      expect(await session.query(Cases, {})).toEqual([{ feedbackId: 'f-1', text: 'cold' }])
    }))
  test('notification: an owner that is down pauses the subscription, and nothing is parked', () =>
    inSession({ services: [feedback, care] }, async (session) => {
      await session.stop(care)
      await session.command(feedback, GiveFeedback, { feedbackId: 'f-1', score: 1, text: 'cold' })
      await session.settled()
      await session.stop(feedback)
      await session.start(care)
      await session.advance({ minutes: 10 })
      expect(await session.query(Cases, {})).toEqual([])
      expect(session.deferred().filter(({ state }) => state === 'parked')).toEqual([])
      await session.start(feedback)
      await session.settled()
      expect(await session.query(Cases, {})).toEqual([{ feedbackId: 'f-1', text: 'cold' }])
    }))
  test('state transfer: a new consumer bootstraps its replica from history, before its handlers start', () =>
    inSession({ services: [guests, bar] }, async (session) => {
      await session.command(guests, RegisterGuest, { ...ann, name: 'Anne' })
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await order(session, 'tea')
      await session.start(kitchen)
      await session.settled()
      expect((await session.published(DrinkServed)).map(({ data }) => data)).toEqual([
        { tabId: 't-1', drink: 'tea', to: 'Ann' },
      ])
      expect((await session.published(GuestChanged)).map(({ entityVersion }) => entityVersion)).toEqual([1, 2])
    }))
  test('state transfer: a handler waits for the row it requires, and only its key waits', () =>
    inSession({ services: [guests, bar, kitchen] }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await openTab(session, 't-2', 'bob')
      await order(session, 'tea', 't-2')
      await order(session, 'juice')
      await session.advance({ seconds: 5 })
      expect(await servedOn(session)).toEqual(['juice'])
      expect(session.deferred().map(({ state, key }) => ({ state, key }))).toEqual([{ state: 'waiting', key: 't-2' }])
      await session.command(guests, RegisterGuest, { guestId: 'bob', name: 'Bob' })
      await session.settled()
      expect(await servedOn(session, 't-2')).toEqual(['tea'])
    }))
  test('state transfer: a retracted entity is gone, and comes back with a later version', () =>
    inSession({ services: [guests, bar, kitchen] }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await session.command(guests, ForgetGuest, { guestId: 'ann' })
      await session.settled()
      await openTab(session)
      await order(session, 'tea')
      await session.advance({ seconds: 1 })
      expect(session.deferred()).toHaveLength(1)
      await session.command(guests, RegisterGuest, ann)
      await session.settled()
      expect(await servedOn(session)).toEqual(['tea'])
      expect((await session.published(GuestChanged)).map(({ entityVersion, data }) => [entityVersion, data])).toEqual([
        [1, ann],
        [2, undefined],
        [3, ann],
      ])
    }))
  test('event sourcing: commands decide, facts are announced, projections follow inline and behind', () =>
    inSession({ services: everyone }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      for (const drink of ['tea', 'juice', 'tea', 'tea']) await order(session, drink)
      expect(await session.query(DrinksSold, { drink: 'tea' })).toBe(3)
      expect(await session.command(bar, OpenTab, { tabId: 't-1', guestId: 'bob' })).toMatchObject({
        accepted: false,
        rejection: { code: 'already-open' },
      })
      await session.settled()
      const announced = await session.published(DrinkOrdered)
      expect(announced.map(({ id, data }) => [id, data?.guestId])).toEqual(
        [2, 3, 4, 5].map((version) => [`tab:t-1:${version}:cafe.drink-ordered`, 'ann']),
      )
      expect(await session.query(Revenue, { day: '2026-01-05' })).toEqual({ cents: 1_000 })
      expect(await servedOn(session)).toEqual(['tea', 'juice', 'tea', 'tea'])
    }))
})

describe('concurrency', () => {
  test.each([1, 2, 3, 4, 5])('a decision holds for the state it was made on, seed %i', (seed) =>
    inSession({ services: [bar], seed }, async (session) => {
      const random = createSeededRandom(seed)
      const open = async (guestId: string) => {
        for (let turns = Math.floor(random.next() * 40); turns > 0; turns--) await undefined
        return session.command(bar, OpenTab, { tabId: 't-1', guestId })
      }
      const answers = await Promise.all(['ann', 'bob', 'cy', 'dan', 'eve', 'fay'].map(open))
      expect(answers.filter(({ accepted }) => accepted)).toHaveLength(1)
    }),
  )
  test('P1 P2 handlers of one batch that write one stream lose no fact', () =>
    inSession({ services: [bar, counter] }, async (session) => {
      await session.stop(counter)
      for (const tabId of ['t-1-slow', 't-2', 't-3-slow', 't-4']) {
        await openTab(session, tabId)
        await order(session, 'tea', tabId)
      }
      await session.start(counter)
      await session.settled()
      const counted = await session.published(DrinkCounted)
      expect(counted.map(({ data }) => data?.total)).toEqual([1, 2, 3, 4])
    }))
})

describe('failure', () => {
  test('P4 P5 retry → park → redrive, in the order of the key, while other keys flow', () =>
    inSession({ services: everyone }, async (session) => {
      broken.add('coffee')
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await openTab(session, 't-2')
      for (const drink of ['tea', 'coffee', 'juice']) await order(session, drink)
      await order(session, 'water', 't-2')
      await session.settled()
      expect(await servedOn(session)).toEqual(['tea'])
      expect(await servedOn(session, 't-2')).toEqual(['water'])
      expect(session.deferred().map(({ state, attempts, error }) => [state, attempts, error?.message])).toEqual([
        ['parked', 6, 'TypeError: there is no coffee'],
        ['blocked', 0, undefined],
      ])
      await order(session, 'soup')
      await session.settled()
      expect(session.deferred().map(({ state }) => state)).toEqual(['parked', 'blocked', 'blocked'])
      broken.clear()
      await session.redrive(kitchen)
      await session.settled()
      expect(session.deferred()).toEqual([])
      expect(await servedOn(session)).toEqual(['tea', 'coffee', 'juice', 'soup'])
    }))
  test('P5 a redrive of what still fails parks it again, with the later ones behind it', () =>
    inSession({ services: everyone }, async (session) => {
      broken.add('coffee')
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      for (const drink of ['coffee', 'tea']) await order(session, drink)
      await session.settled()
      await session.redrive(kitchen)
      await session.settled()
      expect(session.deferred().map(({ state }) => state)).toEqual(['parked', 'blocked'])
    }))
  test.each(['before-commit', 'after-commit'] as const)('P1 P3 a consumer killed %s has one effect', (point) =>
    inSession({ services: everyone }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await session.settled()
      await session.crash(kitchen, point)
      await order(session, 'tea')
      await order(session, 'juice')
      await session.advance({ seconds: 2 })
      expect(session.runs(kitchen)).toBe(false)
      await session.restart(kitchen)
      await session.settled()
      expect(await servedOn(session)).toEqual(['tea', 'juice'])
    }),
  )
  test.each([
    ['before-commit', []],
    ['after-commit', ['tea']],
  ] as const)('P1 P2 a publisher killed %s', (point, expected) =>
    inSession({ services: everyone }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await session.settled()
      await session.crash(bar, point)
      await expect(order(session, 'tea')).rejects.toMatchObject({ code: 'CLOSED' })
      await session.restart(bar)
      await session.settled()
      expect(await servedOn(session)).toEqual(expected)
    }),
  )
  test('P6 commands are answered with every other service down', () =>
    inSession({ services: [bar] }, async (session) => {
      await openTab(session)
      await order(session, 'tea')
      expect(await session.query(DrinksSold, { drink: 'tea' })).toBe(1)
    }))
})

describe('repair', () => {
  test('P7 a projection is rebuilt beside the live one, and nothing is published again', () =>
    inSession({ services: everyone }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      for (const drink of ['tea', 'juice']) await order(session, drink)
      await session.settled()
      const before = session.trace.filter((line) => line.includes('event ')).length
      await Promise.all([session.rebuild(till, 'by-day'), session.rebuild(bar, 'by-drink'), order(session, 'tea')])
      await session.rebuild(kitchen, 'guests')
      await session.settled()
      expect(await session.query(Revenue, { day: '2026-01-05' })).toEqual({ cents: 750 })
      expect(await session.query(DrinksSold, { drink: 'tea' })).toBe(2)
      expect(session.trace.filter((line) => line.includes('event ')).length).toBe(before + 2)
      expect(session.status(till).readModels).toMatchObject([{ name: 'by-day', generation: 2 }])
    }))
  test('P7 a projection that was rebuilt before its source said anything follows it afterwards', () =>
    inSession({ services: [bar, till] }, async (session) => {
      await session.settled()
      await session.rebuild(till, 'by-day')
      await openTab(session)
      await order(session, 'tea')
      await session.settled()
      expect(await session.query(Revenue, { day: '2026-01-05' })).toEqual({ cents: 250 })
    }))
  test('a stopped service continues where it was', () =>
    inSession({ services: everyone }, async (session) => {
      await session.command(guests, RegisterGuest, ann)
      await openTab(session)
      await order(session, 'tea')
      await session.settled()
      await session.restart(kitchen)
      await order(session, 'juice')
      await session.settled()
      expect(await servedOn(session)).toEqual(['tea', 'juice'])
      const delivered = await session.delivered(DrinkOrdered)
      expect(delivered.map(({ service, state, event }) => [service, state, event.data?.drink])).toEqual([
        ['till', 'done', 'tea'],
        ['till', 'done', 'juice'],
        ['kitchen', 'done', 'tea'],
        ['kitchen', 'done', 'juice'],
      ])
    }))
})

describe('a session itself', () => {
  const busyDay = async (session: Session) => {
    broken.add('coffee')
    await session.command(guests, RegisterGuest, ann)
    for (const tabId of ['t-1', 't-2', 't-3']) await openTab(session, tabId)
    await Promise.all(
      ['tea', 'coffee', 'juice'].flatMap((drink) => ['t-1', 't-2', 't-3'].map((tabId) => order(session, drink, tabId))),
    )
    await session.crash(kitchen, 'after-commit')
    await session.advance({ seconds: 1 })
    await session.restart(kitchen)
    await session.settled()
    return [...session.trace]
  }
  test('P10 the same seed gives the same trace, another seed another', async () => {
    const run = (seed: number) => inSession({ services: everyone, seed }, busyDay)
    const first = await run(7)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
    expect(first.length).toBeGreaterThan(20)
  })
  test('a failure names its seed', async () => {
    const failing = inSession({ services: [bar], seed: 42 }, async () => expect(1).toBe(2))
    await expect(failing).rejects.toThrow('TIDINGS_SEED=42')
  })
  test('a session that never settles says what is still busy', () =>
    inSession({ services: [feedback] }, async (session) => {
      await session.command(feedback, GiveFeedback, { feedbackId: 'f-1', score: 1, text: 'cold' })
      await session.settled()
      await session.stop(feedback)
      await session.start(care)
      await expect(session.settled({ within: { minutes: 5 } })).rejects.toThrow(
        /main of care on feedback .*not run in this session/,
      )
    }))
  test('stand-ins publish the events of services that do not run, and stop when these start', () =>
    inSession({ services: [care] }, async (session) => {
      await session.publish(FeedbackGiven, { feedbackId: 'f-9', score: 5 })
      await session.settled()
      expect(await session.published(FeedbackGiven)).toHaveLength(1)
      await session.start(feedback)
      await session.command(feedback, GiveFeedback, { feedbackId: 'f-1', score: 1, text: 'cold' })
      await session.settled()
      expect(await session.query(Cases, {})).toEqual([{ feedbackId: 'f-1', text: 'cold' }])
      await expect(session.publish(FeedbackGiven, { feedbackId: 'f-2', score: 5 })).rejects.toMatchObject({
        code: 'NOT_OWNED',
      })
    }))
  test('a session closes itself', async () => {
    await using session = await createSession({ services: [cafe.guests] })
    expect(session.runs('guests')).toBe(true)
  })
})
