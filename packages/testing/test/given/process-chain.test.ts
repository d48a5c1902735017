// A service alone, over time: process managers, timers and effects.

import { describe, expect, test } from 'vitest'
import { given } from '../../src/index.ts'
import {
  AnswerPosted,
  CallHelper,
  CountQuestion,
  calls,
  HelperCalled,
  HelpWanted,
  helpdesk,
  PlanReport,
  QuestionAsked,
  unanswered,
} from '../systems/questions.ts'

const q1 = { questionId: 'q1', by: 'ann' }
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  )

describe('a process manager', () => {
  test('from its first event to its end, while the test advances time', async () => {
    await given(helpdesk)
      .when(QuestionAsked, q1)
      .then({
        executed: [[CountQuestion, { by: 'ann' }]],
        instances: [
          [
            unanswered,
            'q1',
            {
              facts: [['asked', { by: 'ann' }]],
              timers: { nudge: { after: { minutes: 10 } }, giveUp: { data: { reason: 'a day has passed' } } },
              ended: false,
            },
          ],
        ],
      })
      .whenTimePasses({ minutes: 9 })
      .thenNothing()
      .whenTimePasses({ minutes: 1 })
      .then({
        published: [[HelpWanted, { ...q1, nudges: 1 }]],
        requested: [],
        instances: [[unanswered, 'q1', { facts: [['nudged', {}]], timers: { nudge: { after: { minutes: 20 } } } }]],
      })
      .whenTimePasses({ minutes: 20 })
      .then({
        published: [[HelpWanted, { ...q1, nudges: 2 }]],
        requested: [[CallHelper, { questionId: 'q1' }]],
        instances: [[unanswered, 'q1', { state: { by: 'ann', nudges: 2 } }]],
      })
      .when(AnswerPosted, { questionId: 'q1' })
      .then({ published: [], instances: [[unanswered, 'q1', { timers: { giveUp: 'cancelled' }, ended: true }]] })
      .when(AnswerPosted, { questionId: 'q1' })
      .thenNothing()
    expect(calls).toEqual([])
  })
  test('after an event that it handled before', async () => {
    await given(helpdesk)
      .at(new Date('2026-03-01T10:00:00Z'))
      .heard(QuestionAsked, q1)
      .heard(QuestionAsked, { questionId: 'q2', by: 'bob' })
      .heard(AnswerPosted, { questionId: 'q2' })
      .whenTimePasses({ minutes: 15 })
      .then({ published: [[HelpWanted, { ...q1, nudges: 1 }]] })
  })
  test('an event that starts no instance leaves nothing; one that fails leaves nothing, and holds up no other timer', async () => {
    await given(helpdesk).when(QuestionAsked, { questionId: 'q3', by: 'nobody' }).thenNothing()
    await given(helpdesk)
      .heard(QuestionAsked, { questionId: 'q1', by: 'mallory' })
      .whenTimePasses({ minutes: 10 })
      .thenFails('mallory is not helped')
      .whenTimePasses({ days: 1 })
      .then({ instances: [[unanswered, 'q1', { ended: true }]] })
  })
})

test('facts are those of the instance of that key alone, whatever the key', async () => {
  const odd = { questionId: 'q#2', by: 'ann' }
  await given(helpdesk)
    .heard(QuestionAsked, { questionId: 'q', by: 'bob' })
    .when(QuestionAsked, odd)
    .then({
      instances: [
        [unanswered, 'q#2', { facts: [['asked', { by: 'ann' }]] }],
        [unanswered, 'q', { facts: [] }],
      ],
    })
    .when(AnswerPosted, { questionId: 'q' })
    .then({ instances: [[unanswered, 'q', { ended: true }]] })
    .when(QuestionAsked, { questionId: 'q', by: 'cid' })
    .then({
      instances: [
        [unanswered, 'q', { facts: [['asked', { by: 'cid' }]], state: { by: 'cid', nudges: 0 }, ended: false }],
        [unanswered, 'q#2', { facts: [] }],
      ],
    })
})

describe('an effect', () => {
  const performing = given(helpdesk).performs(CallHelper, ({ urgent }) => {
    if (urgent) throw new Error('nobody there')
    return { status: 204 }
  })
  test('alone: what comes of its outcome', async () => {
    await performing
      .when(CallHelper, { questionId: 'q1' })
      .then({ published: [[HelperCalled, { questionId: 'q1', status: 204 }]], requested: [] })
    await performing.when(CallHelper, { questionId: 'q1', urgent: true }).thenFails('nobody there')
    expect(calls).toEqual([])
  })
  test('is performed as a consequence, if the test says how', async () => {
    await performing
      .heard(QuestionAsked, q1)
      .whenTimePasses({ minutes: 30 })
      .then({
        published: [
          [HelpWanted, { ...q1, nudges: 1 }],
          [HelpWanted, { ...q1, nudges: 2 }],
          [HelperCalled, { questionId: 'q1', status: 204 }],
        ],
        requested: [[CallHelper, { questionId: 'q1' }]],
      })
  })
  test('that the test does not mention', () => {
    expect(() => given(helpdesk).when(CallHelper, { questionId: 'q1' })).toThrow('gives no outcome for the effect')
  })
})

test('a timer of the service itself', async () => {
  await given(helpdesk)
    .at(new Date('2026-03-27T12:00:00Z'))
    .when(PlanReport, { by: 'bob', at: '30 9 * * *' })
    .then({
      requested: [],
      timers: {
        report: {
          bob: {
            at: new Date('2026-03-28T08:30:00Z'),
            every: { cron: '30 9 * * *', timeZone: 'Europe/Berlin' },
            data: { title: 'of bob' },
          },
        },
      },
    })
    // The clocks are set forward on the 29th.
    .whenTimePasses({ days: 1 })
    .then({
      tables: { counts: [{ by: 'of bob', count: 0 }] },
      timers: { report: { bob: { at: new Date('2026-03-29T07:30:00Z') } } },
    })
})

describe('what the chain says', () => {
  test('another timer, another state, other facts, another effect', async () => {
    const asked = given(helpdesk).when(QuestionAsked, q1)
    expect(
      await messageOf(asked.then({ instances: [[unanswered, 'q1', { timers: { nudge: { after: { hours: 1 } } } }]] })),
    ).toBe(
      'Service helpdesk on forum.question-asked: the timer unanswered.nudge/q1 is not as expected.\n\n- expected\n+ found\n\n- { after: { hours: 1 } }\n+ { after: { minutes: 10 } }',
    )
    expect(
      await messageOf(asked.then({ instances: [[unanswered, 'q1', { timers: { nudge: 'cancelled' } }]] })),
    ).toContain('- "cancelled"\n+ {')
    expect(await messageOf(asked.then({ timers: { tidy: { q1: { after: { hours: 1 } } } } }))).toContain('+ "not set"')
    expect(await messageOf(asked.then({ instances: [[unanswered, 'q1', { ended: true }]] }))).toContain('+ "running"')
    expect(await messageOf(asked.then({ instances: [[unanswered, 'q2', { ended: true }]] }))).toContain('never started')
    expect(await messageOf(asked.then({ instances: [[unanswered, 'q1', { facts: [] }]] }))).toContain('new facts of')
    expect(
      await messageOf(asked.then({ instances: [[unanswered, 'q1', { state: { by: 'bob', nudges: 0 } }]] })),
    ).toContain('the state of unanswered/q1 is not as expected')
    expect(await messageOf(asked.then({ requested: [[CallHelper, { questionId: 'q1' }]] }))).toContain(
      '- [["call-helper", { questionId: "q1", urgent: false }]]',
    )
    expect(await messageOf(asked.thenNothing())).not.toBe('nothing was thrown')
    const later = given(helpdesk).heard(QuestionAsked, q1).whenTimePasses({ minutes: 30 })
    expect(await messageOf(later.thenNothing())).toContain(
      'Service helpdesk, { minutes: 30 } later: events were published',
    )
    expect(
      await messageOf(later.then({ instances: [[unanswered, 'q1', { timers: { nudge: 'cancelled' } }]] })),
    ).toContain('+ "came due"')
  })
  test('a failure between two steps, and in an event handled before', async () => {
    const story = given(helpdesk).when(QuestionAsked, q1).thenNothing().whenTimePasses({ minutes: 5 }).thenNothing()
    expect(await messageOf(story)).toContain('Service helpdesk on forum.question-asked: rows were written')
    const before = given(helpdesk)
      .heard(QuestionAsked, { questionId: '', by: 'ann' })
      .whenTimePasses({ minutes: 5 })
      .thenNothing()
    expect(await messageOf(before)).toContain('handled before, failed')
  })
  test('an effect that the service does not perform', async () => {
    expect(() =>
      given(helpdesk).performs({ ...CallHelper, name: 'other' } as never, () => ({ status: 1 }) as never),
    ).toThrow('has no effect "other"')
  })
})
