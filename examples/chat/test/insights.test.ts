// `insights` against a small history with figures computed by hand, whichever of its sources comes first.
import { createSession, given, type Session } from '@tidings/testing'
import { expect, test } from 'vitest'
import { ImpulseEnded } from '../services/impulses/contract.ts'
import {
  BusiestHours,
  ChatDays,
  ChatSummary,
  DaySummary,
  OpenQuestions,
  type Summary,
  TopHelpers,
} from '../services/insights/contract.ts'
import insights from '../services/insights/index.ts'
import { median } from '../services/insights/median.ts'
import { MemberChanged, MemberRenamed } from '../services/members/contract.ts'
import { MessagePosted, NoticePosted, RoomEntered, RoomLeft } from '../services/rooms/contract.ts'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../services/threads/contract.ts'

const on = (moment: string) => ({ occurredAt: new Date(`2010-08-${moment}:00.000Z`) })
const iso = (moment: string) => `2010-08-${moment}:00.000Z`
const said = (messageId: string, authorId: string, action = false) => ({
  ...{ messageId, roomId: 'r1', authorId, authorName: authorId, text: 'x', action, attachmentId: null },
})
const line = (entryId: string, memberId: string) => ({ roomId: 'r1', entryId, memberId })
const asked = (messageId: string, authorId: string, at: string) => ({
  ...{ messageId, roomId: 'r1', authorId, askedAt: iso(at) },
})
const answered = (messageId: string, authorId: string, answeredBy: string, at: string, question = true) => ({
  ...{ messageId, roomId: 'r1', authorId, answeredBy, question },
  ...{ answerId: `${messageId}-${answeredBy}`, answeredAt: iso(at) },
})
const ended = (impulseId: string, outcome: 'delivered' | 'withdrawn' | 'over-limit' | 'too-late', held = false) => ({
  ...{
    impulseId: `unanswered-question.${impulseId}`,
    kind: 'unanswered-question',
    to: 'bob',
    roomId: 'r1',
    outcome,
    held,
    why: 'so it went',
  },
  ...{ reasonAt: iso('17T23:50'), endedAt: iso('18T00:10') },
})

// Each source in its own order, the sources in any order.
const sources: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  rooms: async (session) => {
    await session.publish(RoomEntered, line('e1', 'ann'), on('17T18:00'))
    await session.publish(MessagePosted, said('q1', 'ann'), on('17T18:01'))
    await session.publish(MessagePosted, said('a1', 'bob'), on('17T18:03'))
    await session.publish(MessagePosted, said('a2', 'carl', true), on('17T19:30'))
    await session.publish(RoomEntered, line('e2', 'ann'), on('17T19:31'))
    await session.publish(RoomLeft, line('e3', 'dora'), on('17T20:00'))
    await session.publish(NoticePosted, { roomId: 'r1', entryId: 'n1', text: '=== netsplit' }, on('17T20:01'))
    await session.publish(MessagePosted, said('q2', 'bob'), on('17T23:59'))
    await session.publish(MessagePosted, said('a3', 'ann'), on('18T00:05'))
    await session.publish(MessagePosted, said('q3', 'ann'), on('18T18:00'))
    await session.publish(MessagePosted, said('q4', 'ann'), on('18T18:10'))
  },
  members: async (session) => {
    const member = { timeZone: 'UTC', quietHours: null, joinedAt: iso('17T00:00') }
    await session.publish(MemberChanged, { ...member, memberId: 'bob', name: 'Bob the 2nd' }, on('17T22:00'))
    await session.publish(MemberRenamed, { memberId: 'bob', from: 'bob', to: 'Bob the 2nd' }, on('17T22:00'))
    await session.publish(MemberRenamed, { memberId: 'erin', from: 'erin', to: 'erin_' }, on('17T22:30'))
  },
  threads: async (session) => {
    await session.publish(QuestionAsked, asked('q1', 'ann', '17T18:01'))
    await session.publish(MessageAnswered, answered('q1', 'ann', 'ann', '17T18:02'))
    await session.publish(MessageAnswered, answered('q1', 'ann', 'bob', '17T18:03'))
    await session.publish(MessageAnswered, answered('q1', 'ann', 'carl', '17T19:30'))
    await session.publish(MessageAnswered, answered('a1', 'bob', 'carl', '17T19:30', false))
    await session.publish(QuestionAsked, asked('q2', 'bob', '17T23:59'))
    await session.publish(MessageAnswered, answered('q2', 'bob', 'ann', '18T00:05'))
    await session.publish(QuestionAsked, asked('q3', 'ann', '18T18:00'))
    await session.publish(QuestionAsked, asked('q4', 'ann', '18T18:10'))
    await session.publish(QuestionWithdrawn, {
      messageId: 'q4',
      roomId: 'r1',
      authorId: 'ann',
      withdrawnAt: iso('18T18:11'),
    })
  },
  impulses: async (session) => {
    await session.publish(ImpulseEnded, ended('i1', 'delivered'))
    await session.publish(ImpulseEnded, ended('i2', 'delivered', true))
    await session.publish(ImpulseEnded, ended('i3', 'too-late', true))
    await session.publish(ImpulseEnded, ended('i4', 'withdrawn'))
    await session.publish(ImpulseEnded, { ...ended('i5', 'over-limit'), kind: 'welcome', reasonAt: iso('18T12:00') })
  },
}

const unanswered = { delivered: 2, withdrawn: 1, held: 2, overLimit: 0, tooLate: 1 }
const welcome = { delivered: 0, withdrawn: 0, held: 0, overLimit: 1, tooLate: 0 }
const nothing: Summary = {
  ...{ messages: 0, actions: 0, joins: 0, parts: 0, renames: 0, others: 0, members: 0, questions: 0, answered: 0 },
  ...{ medianSecondsToFirstAnswer: null, impulses: {} },
}
const figures: Readonly<Record<string, Summary>> = {
  // Ann, bob and carl spoke, erin was renamed; dora only left. First answers by others after 2 and 6 minutes.
  '2010-08-17': {
    ...{ messages: 3, actions: 1, joins: 2, parts: 1, renames: 2, others: 1, members: 4, questions: 2, answered: 2 },
    ...{ medianSecondsToFirstAnswer: 240, impulses: { 'unanswered-question': unanswered } },
  },
  '2010-08-18': { ...nothing, messages: 3, members: 1, questions: 1, impulses: { welcome } },
  '2010-08-19': nothing,
  all: {
    ...{ messages: 6, actions: 1, joins: 2, parts: 1, renames: 2, others: 1, members: 4, questions: 3, answered: 2 },
    ...{ medianSecondsToFirstAnswer: 240, impulses: { 'unanswered-question': unanswered, welcome } },
  },
}

test.each([
  ['rooms', 'members', 'threads', 'impulses'],
  ['impulses', 'threads', 'members', 'rooms'],
  ['threads', 'rooms', 'impulses', 'members'],
])('the figures match those computed by hand: %s, then %s, %s, %s', async (...order) => {
  await using session = await createSession({ services: [insights] })
  for (const source of order) {
    await sources[source]?.(session)
    await session.settled()
  }
  const check = async () => {
    for (const day of ['2010-08-17', '2010-08-18', '2010-08-19']) {
      expect(await session.query(DaySummary, { day })).toEqual(figures[day])
    }
    expect(await session.query(ChatSummary, {})).toEqual(figures.all)
  }
  await check()
  for (const readModel of ['activity', 'questions', 'impulses']) await session.rebuild(insights, readModel)
  await check()

  expect(await session.query(ChatDays, {})).toEqual(['2010-08-17', '2010-08-18'])
  expect(await session.query(BusiestHours, {})).toEqual([
    { hour: 18, messages: 4 },
    { hour: 0, messages: 1 },
    { hour: 19, messages: 1 },
    { hour: 23, messages: 1 },
  ])
  expect(await session.query(BusiestHours, { day: '2010-08-18' })).toEqual([
    { hour: 18, messages: 2 },
    { hour: 0, messages: 1 },
  ])
  expect(await session.query(TopHelpers, { limit: 3 })).toEqual([
    { memberId: 'carl', name: 'carl', answers: 2 },
    { memberId: 'ann', name: 'ann', answers: 1 },
    { memberId: 'bob', name: 'Bob the 2nd', answers: 1 },
  ])
  const open = { messageId: 'q3', roomId: 'r1', authorId: 'ann', askedAt: iso('18T18:00') }
  expect(await session.query(OpenQuestions, {})).toEqual([open])
  expect(await session.query(OpenQuestions, { roomId: 'r2' })).toEqual([])
})

test('before the first event there are zeros', async () => {
  await given(insights).when(ChatSummary, {}).thenAnswers(nothing)
  await given(insights).when(BusiestHours, {}).thenAnswers([])
  await given(insights).when(DaySummary, { day: 'yesterday' }).thenFails('INVALID_PAYLOAD')
})

test('the counts of a day don’t depend on the order of the events', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) => (hour === 18 ? 2 : 0))
  const counts = { messages: 1, actions: 1, joins: 0, parts: 0, renames: 1, others: 1, members: 2, hours }
  await given(insights, 'activity')
    .events([
      [MessagePosted, said('a', 'ann'), on('17T18:00')],
      [MessagePosted, said('b', 'bob', true), on('17T18:59')],
      [MemberRenamed, { memberId: 'ann', from: 'ann', to: 'anna' }, on('17T19:00')],
      [NoticePosted, { roomId: 'r1', entryId: 'n', text: '' }, on('17T20:00')],
    ])
    .inAnyOrder()
    .then({
      days: [
        { day: '2010-08-17', ...counts },
        { day: 'all', ...counts },
      ],
    })
})

test('the first answer is the earliest by another member, whenever it is handled', async () => {
  const question = {
    messageId: 'q',
    roomId: 'r1',
    authorId: 'ann',
    askedAt: Date.parse(iso('17T18:00')),
    day: '2010-08-17',
  }
  await given(insights, 'questions')
    .events([
      [QuestionAsked, asked('q', 'ann', '17T18:00')],
      [MessageAnswered, answered('q', 'ann', 'carl', '17T18:09')],
      [MessageAnswered, answered('q', 'ann', 'bob', '17T18:04')],
    ])
    .then({
      questions: [{ ...question, answeredAt: Date.parse(iso('17T18:04')), withdrawn: false, open: false }],
      helpers: [
        { memberId: 'bob', answers: 1 },
        { memberId: 'carl', answers: 1 },
      ],
    })
})

test('the median of an even count is the mean of the middle two', () => {
  expect([[], [5], [9, 1], [3, 1, 2], [4, 1, 3, 2]].map(median)).toEqual([null, 5, 5, 2, 2.5])
})

test('a day with only a question or an impulse is listed', async () => {
  await using session = await createSession({ services: [insights] })
  await session.publish(RoomEntered, line('e1', 'ann'), on('16T18:00'))
  await session.publish(QuestionAsked, asked('q1', 'ann', '18T00:01'))
  await session.publish(ImpulseEnded, ended('q2', 'delivered'))
  await session.settled()
  expect(await session.query(ChatDays, {})).toEqual(['2010-08-16', '2010-08-17', '2010-08-18'])
})
