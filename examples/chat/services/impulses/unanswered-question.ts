// "Nobody has answered this yet": ten minutes after a question, the best helper of the room is asked to look at it.
// The reason goes away if somebody else answers, or if the question is withdrawn.
import { fact, timer } from 'tidings'
import { z } from 'zod'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../threads/contract.ts'
import { bestHelper } from './best-helper.ts'
import { dayOf } from './clock-of-member.ts'
import { ImpulseCalledOff, ImpulseEnded, ImpulseOffered } from './contract.ts'
import { planned, type Reason, withdraw } from './reason.ts'
import { impulses } from './service.ts'
import { turnsLeft } from './take-turn.ts'

/** How long a question waits before somebody is asked. */
export const patience = { minutes: 10 } as const

export const unansweredQuestion = impulses
  .process('unanswered-question', {
    description: 'Asks a helper when a question has waited for ten minutes.',
    facts: { asked: fact(planned), offered: fact(z.object({ to: z.string() })), answered: fact(z.object({})) },
    initialState: (): Reason => ({ impulse: undefined, offered: false }),
    evolve: {
      asked: (_, impulse): Reason => ({ impulse, offered: false }),
      offered: ({ impulse }, { to }) => ({ impulse: impulse && { ...impulse, to }, offered: true }),
      answered: (state) => state,
    },
    timers: { nudge: timer() },
    publishes: [ImpulseOffered, ImpulseCalledOff, ImpulseEnded],
  })
  .starts(
    QuestionAsked,
    (question) => question.messageId,
    ({ messageId, roomId, authorId, askedAt }, { facts, timers, event }) => {
      timers.nudge.after(patience)
      // A question that is asked again after it was withdrawn is another reason, even in the same millisecond.
      const impulseId = `unanswered-question.${messageId}.${event.id}`
      return facts.asked({ impulseId, kind: 'unanswered-question', to: authorId, roomId, reasonAt: askedAt })
    },
  )
  .on(
    MessageAnswered,
    (answer) => (answer.answeredBy === answer.authorId ? undefined : answer.messageId),
    (_, context) => {
      withdraw(context, 'Somebody has answered.')
      context.end()
      return context.facts.answered({})
    },
  )
  .on(
    QuestionWithdrawn,
    (question) => question.messageId,
    (_, context) => {
      withdraw(context, 'The question was taken back.')
      context.end()
    },
  )
  .due('nudge', async (_, { key, state, tables, replicas, publish, facts, timer, now }) => {
    const { impulse } = state
    if (impulse === undefined) return undefined
    const asker = impulse.to
    const mayBeNudged = async (memberId: string) => {
      const member = await replicas.members.get(memberId)
      return member !== undefined && (await turnsLeft(tables.turns, memberId, dayOf(now(), member))) > 0
    }
    const to = (await bestHelper(tables.helpers, impulse.roomId, timer.dueAt, asker, mayBeNudged)) ?? asker
    const text =
      to === asker
        ? 'Nobody has answered your question yet. Can you say more about it?'
        : 'Nobody has answered this question yet. Do you know?'
    const dueAt = timer.dueAt.toISOString()
    publish(ImpulseOffered, { ...impulse, to, text, aboutMessageId: key, dueAt, patienceSeconds: 1_800 })
    return facts.offered({ to })
  })
