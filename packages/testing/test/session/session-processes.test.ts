// A session with process managers, timers and effects: what is set, what was performed, and that nothing outside is touched.

import { expect, test } from 'vitest'
import { createSession, inSession } from '../../src/index.ts'
import {
  AnswerPosted,
  CallHelper,
  calls,
  HelperCalled,
  HelpWanted,
  helpdesk,
  PlanReport,
  QuestionAsked,
  unanswered,
} from '../systems/questions.ts'

const ok = [CallHelper, () => ({ status: 200 })] as const
const q1 = { questionId: 'q1', by: 'ann' }

test('a process from its first event to its end, in no time', () =>
  inSession({ services: [helpdesk], effects: [ok] }, async (session) => {
    const { occurredAt } = await session.publish(QuestionAsked, q1)
    await session.settled()
    expect(await session.instance(unanswered, 'q1')).toEqual({
      state: 'running',
      run: 1,
      steps: 1,
      value: { by: 'ann', nudges: 0 },
    })
    expect(await session.timers(helpdesk)).toMatchObject([
      { process: 'unanswered', timer: 'nudge', key: 'q1', dueAt: new Date(occurredAt + 600_000), data: null },
      { timer: 'giveUp', dueAt: new Date(occurredAt + 86_400_000), data: { reason: 'a day has passed' } },
    ])
    await session.advance({ minutes: 30, seconds: 1 })
    await session.settled()
    expect((await session.published(HelpWanted)).map(({ data }) => data?.nudges)).toEqual([1, 2])
    expect(session.performed(CallHelper)).toEqual([
      {
        service: 'helpdesk',
        input: { questionId: 'q1', urgent: false },
        idempotencyKey: expect.any(String),
        attempts: 1,
        successes: 1,
      },
    ])
    expect((await session.published(HelperCalled)).map(({ data }) => data)).toEqual([{ questionId: 'q1', status: 200 }])
    await session.publish(AnswerPosted, { questionId: 'q1' })
    await session.settled()
    expect(await session.instance(unanswered, 'q1')).toMatchObject({ state: 'ended', steps: 4 })
    expect(await session.timers('helpdesk')).toEqual([])
    expect(await session.instance(unanswered, 'q2')).toBeUndefined()
    expect(calls).toEqual([])
  }))

test('an effect is retried under one key, with the outcomes that the test gives', () =>
  inSession(
    {
      services: [helpdesk],
      effects: [
        [
          CallHelper,
          async ({ questionId }, { attempt, idempotencyKey }) => {
            expect([questionId, idempotencyKey.length > 0]).toEqual(['q1', true])
            if (attempt < 3) throw new Error('busy')
            return { status: 200 + attempt }
          },
        ],
      ],
    },
    async (session) => {
      await session.publish(QuestionAsked, q1)
      await session.settled()
      await session.advance({ minutes: 31 })
      await session.settled()
      expect(session.performed(CallHelper)).toMatchObject([{ attempts: 3, successes: 1 }])
      expect((await session.published(HelperCalled)).map(({ data }) => data?.status)).toEqual([203])
    },
  ))

test('an effect that a crash left open is performed again: two successes, one outcome', () =>
  inSession(
    {
      services: [helpdesk],
      effects: [
        [
          CallHelper,
          () => {
            if (session !== undefined) void session.crash(helpdesk, 'before-commit')
            session = undefined
            return { status: 200 }
          },
        ],
      ],
    },
    async (running) => {
      session = running
      await running.publish(QuestionAsked, q1)
      await running.settled()
      await running.advance({ minutes: 31 })
      await running.restart(helpdesk)
      await running.settled()
      expect(running.performed(CallHelper)).toMatchObject([{ attempts: 2, successes: 2 }])
      expect(await running.published(HelperCalled)).toHaveLength(1)
    },
  ))
let session: Awaited<ReturnType<typeof createSession>> | undefined

test('an effect that the test does not list fails the test with a clear message, and nothing outside is touched', async () => {
  const silent = await createSession({ services: [helpdesk] })
  await silent.publish(QuestionAsked, q1)
  await silent.settled()
  await silent.advance({ minutes: 31 })
  await expect(silent.settled()).rejects.toMatchObject({
    code: 'EFFECT_REFUSED',
    message: expect.stringContaining('helpdesk performs the effect call-helper, but the test gives no outcome'),
    hint: expect.stringContaining('effects: [[call-helper, (input) => …]]'),
  })
  expect(() => silent.performed(CallHelper)).toThrow('gives no outcome')
  expect(calls).toEqual([])
  await silent.close()
})

test('real effects run only if the session asks for them', () =>
  inSession({ services: [helpdesk], effects: 'real' }, async (real) => {
    await real.command(helpdesk, PlanReport, { by: 'ann', at: '30 9 * * *' })
    await real.advance({ hours: 1, seconds: 1 })
    await real.settled()
    expect(calls.splice(0)).toEqual(['ann'])
    expect(real.performed(CallHelper)).toMatchObject([{ input: { questionId: 'ann', urgent: true }, successes: 1 }])
    expect(await real.timers(helpdesk)).toMatchObject([
      {
        timer: 'report',
        key: 'ann',
        every: { cron: '30 9 * * *', timeZone: 'Europe/Berlin' },
        dueAt: new Date('2026-01-01T08:30:00Z'),
        data: { title: 'of ann' },
      },
    ])
  }))
