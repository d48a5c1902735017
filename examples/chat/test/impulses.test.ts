// `impulses` alone: each kind comes at its moment and is withdrawn if its reason goes away; and the rules for all kinds: quiet hours, the
// daily limit, and that an impulse that is too late is dropped.
import { inSession, type Session } from '@tidings/testing'
import { describe, expect, test } from 'vitest'
import { ImpulseDelivered, ImpulseDropped } from '../services/courier/contract.ts'
import { ImpulseDue, ImpulseEnded, ImpulseOffered } from '../services/impulses/contract.ts'
import impulses from '../services/impulses/index.ts'
import { MemberChanged } from '../services/members/contract.ts'
import { MessagePosted, RoomEntered, RoomLeft } from '../services/rooms/contract.ts'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../services/threads/contract.ts'

const start = new Date('2026-03-02T12:00:00.000Z')
const roomId = 'r1'

const member = (memberId: string, changes: object = {}) => ({
  ...{ memberId, name: memberId, timeZone: 'UTC', quietHours: null, joinedAt: '2026-01-01T00:00:00.000Z' },
  ...changes,
})

const know = async (session: Session, ...members: ReturnType<typeof member>[]) => {
  for (const each of members) await session.publish(MemberChanged, each)
}

const ask = (session: Session, messageId: string, authorId = 'ann') =>
  session.publish(QuestionAsked, { messageId, roomId, authorId, askedAt: session.now().toISOString() })

const answer = (session: Session, messageId: string, answeredBy: string, authorId = 'ann') =>
  session.publish(MessageAnswered, {
    ...{ messageId, answerId: `${messageId}-a-${answeredBy}`, roomId, authorId, answeredBy, question: true },
    answeredAt: session.now().toISOString(),
  })

const post = (session: Session, messageId: string, authorId: string) =>
  session.publish(MessagePosted, {
    ...{ messageId, roomId, authorId, authorName: authorId, text: 'hello', action: false, attachmentId: null },
  })

const due = async (session: Session) =>
  (await session.published(ImpulseDue)).map(({ data }) => [data!.kind, data!.to, data!.aboutMessageId])
const ended = async (session: Session) =>
  (await session.published(ImpulseEnded)).map(({ data }) => [data!.kind, data!.to, data!.outcome, data!.held])

const chat = (body: (session: Session) => Promise<void>, from = start) =>
  inSession({ services: [impulses], start: from }, async (session) => {
    await body(session)
    expect(session.deferred()).toEqual([])
  })

const pass = async (session: Session, minutes: number) => {
  await session.settled()
  await session.advance({ minutes })
  await session.settled()
}

describe('unanswered question', () => {
  test('after ten minutes the best helper of the room is asked', () =>
    chat(async (session) => {
      await know(session, member('ann'), member('bob'), member('carl'))
      for (const [question, helper] of [
        ['old1', 'bob'],
        ['old2', 'bob'],
        ['old3', 'carl'],
      ] as const)
        await answer(session, question, helper)
      await ask(session, 'q1')
      await pass(session, 9)
      expect(await due(session)).toEqual([])
      await pass(session, 1)
      expect(await due(session)).toEqual([['unanswered-question', 'bob', 'q1']])
    }))

  test('if there is no helper, the asker gets the impulse', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      await ask(session, 'q1')
      await pass(session, 10)
      expect(await due(session)).toEqual([['unanswered-question', 'ann', 'q1']])
    }))

  test('an answer of another member withdraws it; an answer of the asker does not', () =>
    chat(async (session) => {
      await know(session, member('ann'), member('bob'))
      await ask(session, 'q1')
      await ask(session, 'q2')
      await pass(session, 5)
      await answer(session, 'q1', 'bob')
      await answer(session, 'q2', 'ann')
      await pass(session, 5)
      expect(await ended(session)).toEqual([['unanswered-question', 'ann', 'withdrawn', false]])
      expect(await due(session)).toEqual([['unanswered-question', 'bob', 'q2']])
    }))

  test('a withdrawn question withdraws it', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      await ask(session, 'q1')
      const withdrawnAt = session.now().toISOString()
      await session.publish(QuestionWithdrawn, { messageId: 'q1', roomId, authorId: 'ann', withdrawnAt })
      await pass(session, 20)
      expect(await ended(session)).toEqual([['unanswered-question', 'ann', 'withdrawn', false]])
      expect(await due(session)).toEqual([])
    }))

  test('a question that is asked again has another impulse, even while the first is being delivered', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      await ask(session, 'q1')
      await pass(session, 10)
      const withdrawnAt = session.now().toISOString()
      await session.publish(QuestionWithdrawn, { messageId: 'q1', roomId, authorId: 'ann', withdrawnAt })
      await ask(session, 'q1')
      await pass(session, 10)
      for (const { data } of await session.published(ImpulseDue)) {
        const { dueAt: _, patienceSeconds: __, ...delivered } = data!
        await session.publish(ImpulseDelivered, { ...delivered, deliveredAt: session.now().toISOString() })
      }
      await session.settled()
      expect(await ended(session)).toEqual([
        ['unanswered-question', 'ann', 'delivered', false],
        ['unanswered-question', 'ann', 'delivered', false],
      ])
    }))
})

describe('welcome', () => {
  const newcomer = member('new', { joinedAt: start.toISOString() })
  const enter = (session: Session, entryId = 'e1', occurredAt = session.now()) =>
    session.publish(RoomEntered, { roomId, entryId, memberId: 'new' }, { occurredAt })

  test('a new member is welcomed once, however often they come in', () =>
    chat(async (session) => {
      await know(session, newcomer)
      await enter(session)
      await pass(session, 2)
      await enter(session, 'e2')
      await post(session, 'm1', 'new')
      await pass(session, 10)
      expect((await due(session)).filter(([kind]) => kind === 'welcome')).toEqual([['welcome', 'new', null]])
    }))

  test('a member who comes in at the end of their first hour is still welcomed', () =>
    chat(async (session) => {
      await know(session, newcomer)
      await pass(session, 59)
      await enter(session)
      await pass(session, 2)
      expect((await due(session)).filter(([kind]) => kind === 'welcome')).toEqual([['welcome', 'new', null]])
      await enter(session, 'e2')
      await pass(session, 10)
      expect((await due(session)).length).toBe(1)
    }))

  test('an event that is handled an hour late has another impulse, even of the same moment', () =>
    chat(async (session) => {
      await know(session, newcomer)
      const occurredAt = session.now()
      await enter(session)
      await pass(session, 2)
      await pass(session, 120)
      await enter(session, 'e2', occurredAt)
      await pass(session, 1)
      const offered = (await session.published(ImpulseOffered)).map(({ data }) => data!.impulseId)
      expect(offered.length).toBe(2)
      expect(new Set(offered).size).toBe(2)
    }))

  test('an old member is not welcomed', () =>
    chat(async (session) => {
      await know(session, member('new'))
      await enter(session)
      await pass(session, 5)
      expect(await due(session)).toEqual([])
    }))

  test('a new member is not welcomed if somebody has answered them, or if they have left', () =>
    chat(async (session) => {
      await know(session, newcomer, member('shy', { joinedAt: start.toISOString() }))
      await enter(session)
      await session.publish(RoomEntered, { roomId, entryId: 'e9', memberId: 'shy' })
      await pass(session, 1)
      await answer(session, 'm1', 'bob', 'new')
      await session.publish(RoomLeft, { roomId, entryId: 'e3', memberId: 'shy' })
      await pass(session, 5)
      expect(await due(session)).toEqual([])
      expect((await ended(session)).sort()).toEqual([
        ['welcome', 'new', 'withdrawn', false],
        ['welcome', 'shy', 'withdrawn', false],
      ])
    }))
})

describe('quiet room', () => {
  test('half an hour after the last message its author is asked, and then nobody until somebody posts', () =>
    chat(async (session) => {
      await know(session, member('ann'), member('bob'))
      await post(session, 'm1', 'ann')
      await pass(session, 29)
      await post(session, 'm2', 'bob')
      await pass(session, 29)
      expect(await due(session)).toEqual([])
      await pass(session, 1)
      await pass(session, 600)
      expect(await due(session)).toEqual([['quiet-room', 'bob', null]])
    }))

  test('each silence has its own impulse, even if a message of the same moment is handled late', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      const occurredAt = session.now()
      await post(session, 'm1', 'ann')
      await pass(session, 30)
      const late = { messageId: 'm2', roomId, authorId: 'ann', authorName: 'ann', text: 'hello' }
      await session.publish(MessagePosted, { ...late, action: false, attachmentId: null }, { occurredAt })
      await pass(session, 1)
      const ids = (await session.published(ImpulseDue)).map(({ data }) => data?.impulseId)
      expect(ids.length).toBe(2)
      expect(new Set(ids).size).toBe(2)
    }))
})

describe('for every kind', () => {
  const night = new Date('2026-03-02T22:30:00.000Z')
  const berlin = { timeZone: 'Europe/Berlin', quietHours: { from: '23:00', to: '07:00' } }

  test('it is held over the quiet hours of the member, on their own clock', () =>
    chat(async (session) => {
      await know(session, member('ann', berlin))
      await ask(session, 'q1')
      await pass(session, 10)
      expect(await due(session)).toEqual([])
      // Seven in Berlin is six in UTC, in winter.
      await pass(session, 7 * 60 + 19)
      expect(await due(session)).toEqual([])
      await pass(session, 1)
      expect((await session.published(ImpulseDue)).map(({ data }) => data?.dueAt)).toEqual(['2026-03-03T06:00:00.000Z'])
    }, night))

  test('it can be withdrawn while it is held', () =>
    chat(async (session) => {
      await know(session, member('ann', berlin))
      await ask(session, 'q1')
      await pass(session, 30)
      await answer(session, 'q1', 'bob')
      await pass(session, 600)
      expect(await due(session)).toEqual([])
      expect(await ended(session)).toEqual([['unanswered-question', 'ann', 'withdrawn', true]])
    }, night))

  test('a member is nudged three times a day, and again on the next day of their clock', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      for (const question of ['q1', 'q2', 'q3', 'q4']) await ask(session, question)
      await pass(session, 10)
      expect((await due(session)).length).toBe(3)
      expect(await ended(session)).toEqual([['unanswered-question', 'ann', 'over-limit', false]])
      await pass(session, 12 * 60)
      await ask(session, 'q5')
      await pass(session, 10)
      expect((await due(session)).length).toBe(4)
    }))

  test('an impulse that is too late, because impulses was down, is dropped with a reason', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      await ask(session, 'q1')
      await session.settled()
      await session.stop(impulses)
      await session.advance({ hours: 2 })
      await session.start(impulses)
      await pass(session, 1)
      expect(await due(session)).toEqual([])
      const [end] = await session.published(ImpulseEnded)
      expect(end?.data).toMatchObject({
        ...{ outcome: 'too-late', held: false },
        why: 'It was 110 minutes late because impulses was not running.',
      })
    }))

  test('it ends when courier has delivered or dropped it', () =>
    chat(async (session) => {
      await know(session, member('ann'))
      await ask(session, 'q1')
      await ask(session, 'q2')
      await pass(session, 10)
      const [first, second] = await session.published(ImpulseDue)
      const { dueAt: _, patienceSeconds: __, ...delivered } = first!.data!
      await session.publish(ImpulseDelivered, { ...delivered, deliveredAt: session.now().toISOString() })
      const { impulseId, kind, to, reasonAt } = second!.data!
      await session.publish(ImpulseDropped, { impulseId, kind, to, roomId, reasonAt, why: 'too old' })
      await session.settled()
      expect((await ended(session)).sort()).toEqual([
        ['unanswered-question', 'ann', 'delivered', false],
        ['unanswered-question', 'ann', 'too-late', false],
      ])
    }))
})
