// A small service for the kit’s own tests: a question in a forum that gets no answer in time is brought to the attention of a helper.
// forum (outside) → helpdesk: a process manager with a timer, an effect whose outcome is published, and timers of the service's own.

import {
  defineCommand,
  defineEffect,
  defineEvent,
  defineService,
  defineTable,
  fact,
  TidingsError,
  timer,
} from 'tidings'
import { z } from 'zod'

const Question = z.object({ questionId: z.string(), by: z.string() })
export const QuestionAsked = defineEvent('forum.question-asked', { owner: 'forum', pattern: 'notification' })
  .version(1, Question)
  .key((question) => question.questionId)
export const AnswerPosted = defineEvent('forum.answer-posted', { owner: 'forum', pattern: 'notification' })
  .version(1, z.object({ questionId: z.string() }))
  .key((answer) => answer.questionId)
export const HelpWanted = defineEvent('helpdesk.help-wanted', { owner: 'helpdesk', pattern: 'notification' })
  .version(1, Question.extend({ nudges: z.int() }))
  .key((wanted) => wanted.questionId)
export const HelperCalled = defineEvent('helpdesk.helper-called', { owner: 'helpdesk', pattern: 'notification' })
  .version(1, z.object({ questionId: z.string(), status: z.int() }))
  .key((called) => called.questionId)

export const CallHelper = defineEffect('call-helper', {
  input: z.object({ questionId: z.string(), urgent: z.boolean().default(false) }),
  outcome: z.object({ status: z.int() }),
  key: (call) => call.questionId,
})
export const CountQuestion = defineCommand('count-question', { input: z.object({ by: z.string() }) })
export const PlanReport = defineCommand('plan-report', { input: z.object({ by: z.string(), at: z.string() }) })
export const counts = defineTable('counts')
  .version(1, z.object({ by: z.string(), count: z.int() }))
  .key((row) => row.by)

export const helpdeskDefinition = defineService('helpdesk', {
  publishes: [HelpWanted, HelperCalled],
  tables: { counts },
  timers: { report: timer(z.object({ title: z.string() })), tidy: timer() },
})

export const unanswered = helpdeskDefinition
  .process('unanswered', {
    facts: { asked: fact(z.object({ by: z.string() })), nudged: fact(z.object({})) },
    initialState: () => ({ by: '', nudges: 0 }),
    evolve: {
      asked: (state, { by }) => ({ ...state, by }),
      nudged: (state) => ({ ...state, nudges: state.nudges + 1 }),
    },
    timers: { nudge: timer(), giveUp: timer(z.object({ reason: z.string() })) },
    publishes: [HelpWanted],
    executes: [CountQuestion],
    requests: [CallHelper],
  })
  .starts(
    QuestionAsked,
    ({ questionId }) => questionId,
    async ({ by }, { facts, timers, execute }) => {
      if (by === 'nobody') return undefined
      await execute(CountQuestion, { by })
      timers.nudge.after({ minutes: 10 })
      timers.giveUp.after({ days: 1 }, { reason: 'a day has passed' })
      return facts.asked({ by })
    },
  )
  .on(
    AnswerPosted,
    ({ questionId }) => questionId,
    (_answer, { end }) => end(),
  )
  .due('nudge', (_nothing, { key, state, facts, timers, publish, request }) => {
    if (state.by === 'mallory') throw new TidingsError('INVALID_PAYLOAD', 'mallory is not helped')
    publish(HelpWanted, { questionId: key, by: state.by, nudges: state.nudges + 1 })
    if (state.nudges === 0) timers.nudge.after({ minutes: 20 })
    else request(CallHelper, { questionId: key })
    return facts.nudged({})
  })
  .due('giveUp', (_reason, { end }) => end())

/** What was called outside: nothing, in a test. */
export const calls: string[] = []

export const helpdesk = helpdeskDefinition.with({
  unanswered,
  countQuestion: helpdeskDefinition.command(CountQuestion, async ({ by }, { tables }) => {
    const known = await tables.counts.get(by)
    tables.counts.put({ by, count: (known?.count ?? 0) + 1 })
  }),
  planReport: helpdeskDefinition.command(PlanReport, { requests: [CallHelper] }, ({ by, at }, { timers, request }) => {
    timers.report.every(by, { cron: at, timeZone: 'Europe/Berlin' }, { title: `of ${by}` })
    if (by === 'ann') request(CallHelper, { questionId: by, urgent: true }, { after: { hours: 1 } })
  }),
  report: helpdeskDefinition.due('report', async ({ title }, { timer: due, tables }) => {
    tables.counts.put({ by: title, count: due.missed })
  }),
  tidy: helpdeskDefinition.due('tidy', () => {}),
  callHelper: helpdeskDefinition.effect(CallHelper, {
    publishes: [HelperCalled],
    perform: ({ questionId }) => {
      calls.push(questionId)
      return { status: 200 }
    },
    outcome: ({ status }, { input, publish }) => publish(HelperCalled, { questionId: input.questionId, status }),
  }),
})
