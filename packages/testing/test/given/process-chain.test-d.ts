// The types of process managers, timers and effects, in declarations, in given … when … then and in sessions: what compiles, what does not.

import { defineCommand, defineEffect, defineEvent, defineService, fact, timer } from 'tidings'
import { z } from 'zod'
import { createSession, given, inSession } from '../../src/index.ts'
import {
  AnswerPosted,
  CallHelper,
  HelperCalled,
  HelpWanted,
  helpdesk,
  QuestionAsked,
  unanswered,
} from '../systems/questions.ts'

// Declarations.
const Wanted = defineEvent('t.wanted', { owner: 'types', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Got = defineEvent('t.got', { owner: 'types', pattern: 'notification' })
  .version(1, z.object({ gotId: z.string(), status: z.number() }))
  .key(({ gotId }) => gotId)
const Note = defineCommand('note', { input: z.object({ id: z.string() }) })
const Other = defineCommand('other', { input: z.object({ name: z.string() }) })
const Ask = defineEffect('ask', {
  input: z.object({ id: z.string() }),
  outcome: z.object({ status: z.number() }),
  key: ({ id }) => id,
})
const Tell = defineEffect('tell', { input: z.object({ id: z.string() }), key: ({ id }) => id })
const types = defineService('types', {
  publishes: [Wanted, Got],
  timers: { plain: timer(), report: timer(z.object({ title: z.string() })) },
})

const errand = types
  .process('errand', {
    facts: { begun: fact(z.object({ by: z.string() })) },
    initialState: () => ({ by: '' }),
    evolve: { begun: (_state, { by }) => ({ by }) },
    timers: { nudge: timer(), warn: timer(z.object({ level: z.number() })) },
    publishes: [Wanted],
    executes: [Note],
    requests: [Ask],
  })
  .starts(
    QuestionAsked,
    ({ questionId }) => questionId,
    async ({ by }, { key, state, facts, timers, publish, execute, request, end }) => {
      state.by.at(0)
      // @ts-expect-error the state has another shape
      state.status
      timers.nudge.after({ minutes: 1 })
      timers.warn.at(new Date(0), { level: 1 })
      timers.warn.every({ cron: '0 9 * * *' }, { level: 1 })
      // @ts-expect-error a timer that carries data needs them
      timers.warn.after({ minutes: 1 })
      // @ts-expect-error data of another shape
      timers.warn.after({ minutes: 1 }, { level: 'high' })
      // @ts-expect-error a timer without data carries none
      timers.nudge.after({ minutes: 1 }, { level: 1 })
      // @ts-expect-error a timer the process does not have
      timers.other?.cancel()
      publish(Wanted, { id: key })
      // @ts-expect-error an event the process does not declare
      publish(Got, { gotId: key, status: 1 })
      await execute(Note, { id: key })
      // @ts-expect-error a command the process does not declare
      await execute(Other, { name: key })
      request(Ask, { id: key }, { after: { days: 1 } }).at(0)
      // @ts-expect-error an effect the process does not declare
      request(Tell, { id: key })
      // @ts-expect-error an input of another shape
      request(Ask, { name: key })
      // @ts-expect-error a fact of another shape
      facts.begun({ by: 5 })
      // @ts-expect-error a fact the process does not have
      facts.ended?.({})
      if (by === '') end()
      return facts.begun({ by })
    },
  )
  .due('warn', ({ level }, { timer: due, state }) => {
    level.toFixed()
    due.lateMs.toFixed()
    state.by.at(0)
  })
  .due('nudge', (nothing, context) => {
    // @ts-expect-error a timer without data
    nothing.level
    // @ts-expect-error a timer has no event to look up for
    context.lookup
  })
// @ts-expect-error a timer the process does not have
errand.due('other', () => {})
const five = () => 5
// @ts-expect-error the instance's key is text
errand.on(AnswerPosted, five, () => {})

// @ts-expect-error a timer the service does not have
types.due('weekly', () => {})
types.due('report', { publishes: [Wanted] }, ({ title }, { publish, timers, timer: { key } }) => {
  title.at(0)
  timers.report.after(key, { days: 1 }, { title })
  publish(Wanted, { id: key })
  // @ts-expect-error an event the timer's function does not declare
  publish(Got, { gotId: key, status: 1 })
})

types.effect(Ask, {
  publishes: [Got],
  executes: [Note],
  requests: [Tell],
  perform: ({ id }, { idempotencyKey, attempt, signal }) => {
    idempotencyKey.at(0)
    attempt.toFixed()
    signal.throwIfAborted()
    return { status: id.length }
  },
  outcome: async ({ status }, { input, publish, execute, request }) => {
    publish(Got, { gotId: input.id, status })
    await execute(Note, input)
    request(Tell, input)
    // @ts-expect-error an event the effect does not declare
    publish(Wanted, input)
    // @ts-expect-error a command the effect does not declare
    await execute(Other, { name: input.id })
    // @ts-expect-error an effect the effect does not declare
    request(Ask, input)
  },
})
// @ts-expect-error an outcome of another shape
types.effect(Ask, { perform: () => ({ answer: 5 }) })
// @ts-expect-error an event the service does not publish
types.effect(Ask, { publishes: [HelpWanted], perform: () => ({ status: 5 }) })

// given … when … then.
const q1 = { questionId: 'q1', by: 'ann' }
await given(helpdesk)
  .heard(QuestionAsked, q1)
  .performs(CallHelper, ({ questionId }, { attempt }) => ({ status: questionId.length + attempt }))
  .whenTimePasses({ minutes: 10 })
  .then({
    published: [[HelperCalled, { questionId: 'q1', status: 1 }]],
    requested: [[CallHelper, { questionId: 'q1' }]],
    timers: { report: { ann: { after: { days: 1 }, data: { title: 'x' } } }, tidy: { all: 'cancelled' } },
    instances: [
      [
        unanswered,
        'q1',
        {
          facts: [['asked', { by: 'ann' }]],
          state: { by: 'ann', nudges: 1 },
          timers: { nudge: 'cancelled', giveUp: { at: new Date(0), data: { reason: '' } } },
          ended: false,
        },
      ],
    ],
  })
  .when(CallHelper, { questionId: 'q1' })
  .thenNothing()
const later = given(helpdesk).whenTimePasses({ minutes: 1 })
// @ts-expect-error a span of time in words
void given(helpdesk).whenTimePasses({ fortnights: 1 })
// @ts-expect-error an event of another shape
void given(helpdesk).heard(QuestionAsked, { questionId: 'q1' })
// @ts-expect-error an outcome of another shape
void given(helpdesk).performs(CallHelper, () => ({ answer: 5 }))
// @ts-expect-error an effect's input has another shape
void given(helpdesk).when(CallHelper, { id: 'q1' })
// @ts-expect-error a requested effect of another shape
void later.then({ requested: [[CallHelper, { id: 'q1' }]] })
// @ts-expect-error a timer the service does not have
void later.then({ timers: { weekly: { ann: 'cancelled' } } })
// @ts-expect-error a timer's data of another shape
void later.then({ timers: { report: { ann: { data: { title: 5 } } } } })
// @ts-expect-error a timer the process does not have
void later.then({ instances: [[unanswered, 'q1', { timers: { weekly: 'cancelled' } }]] })
// @ts-expect-error a fact of another shape
void later.then({ instances: [[unanswered, 'q1', { facts: [['asked', { by: 5 }]] }]] })
// @ts-expect-error a state of another shape
void later.then({ instances: [[unanswered, 'q1', { state: { by: 'ann' } }]] })
// @ts-expect-error time that passes is not rejected
void later.thenRejected('no')

// Sessions.
const session = await createSession({
  services: [helpdesk],
  effects: [
    [CallHelper, async ({ questionId }, { idempotencyKey }) => ({ status: questionId.length + idempotencyKey.length })],
  ],
})
const [called] = session.performed(CallHelper)
called?.input.urgent.valueOf()
const instance = await session.instance(unanswered, 'q1')
instance?.value.nudges.toFixed()
await createSession({ services: [helpdesk], effects: 'real' })
await inSession({ services: [helpdesk], effects: [[CallHelper, () => ({ status: 1 })]] }, async () => {})
// @ts-expect-error an outcome of another shape
await createSession({ services: [helpdesk], effects: [[CallHelper, () => ({ answer: 1 })]] })
// @ts-expect-error the state has another shape
instance?.value.status
