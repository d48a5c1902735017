// `impulses` alone: a helper is thanked at their third answer within a day, once, and not for answers to their own messages.
import { inSession, type Session } from '@tidings/testing'
import { expect, test } from 'vitest'
import { ImpulseOffered } from '../services/impulses/contract.ts'
import impulses from '../services/impulses/index.ts'
import { MemberChanged } from '../services/members/contract.ts'
import { MessageAnswered } from '../services/threads/contract.ts'

const helping = (body: (session: Session) => Promise<void>) =>
  inSession({ services: [impulses], pollMs: 3_600_000 }, async (session) => {
    const member = { timeZone: 'UTC', quietHours: null, joinedAt: '2026-01-01T00:00:00.000Z' }
    for (const memberId of ['ann', 'bob']) await session.publish(MemberChanged, { ...member, memberId, name: memberId })
    await session.settled()
    await body(session)
  })

const answer = (session: Session, messageId: string, answeredBy = 'bob') =>
  session.publish(MessageAnswered, {
    ...{ messageId, answerId: `${messageId}-a`, roomId: 'r1', authorId: 'ann', answeredBy, question: true },
    answeredAt: session.now().toISOString(),
  })

const offered = async (session: Session) => {
  await session.settled()
  return (await session.published(ImpulseOffered)).map(({ data }) => [data?.kind, data?.to, data?.aboutMessageId])
}

const thanks = (answerId: string) => ['thank-helper', 'bob', answerId]

test('three answers within a day give one thanks; then the count starts again', () =>
  helping(async (session) => {
    for (const messageId of ['m1', 'm2']) await answer(session, messageId)
    expect(await offered(session)).toEqual([])
    await answer(session, 'm3')
    expect(await offered(session)).toEqual([thanks('m3-a')])
    for (const messageId of ['m4', 'm5']) await answer(session, messageId)
    expect(await offered(session)).toEqual([thanks('m3-a')])
    await answer(session, 'm6')
    expect(await offered(session)).toEqual([thanks('m3-a'), thanks('m6-a')])
  }))

test('an answer that is older than a day no longer counts', () =>
  helping(async (session) => {
    await answer(session, 'm1')
    await session.advance({ hours: 24, seconds: 1 })
    for (const messageId of ['m2', 'm3']) await answer(session, messageId)
    expect(await offered(session)).toEqual([])
    await answer(session, 'm4')
    expect(await offered(session)).toEqual([thanks('m4-a')])
  }))

test('answers to one’s own messages do not count', () =>
  helping(async (session) => {
    for (const messageId of ['m1', 'm2', 'm3']) await answer(session, messageId, 'ann')
    expect(await offered(session)).toEqual([])
  }))
