// "Thank you": a member who has answered others three times within a day is thanked, and then the count starts again. There is one instance for
// each helper, from one thanks to the next. It starts now: nobody is thanked for answers in history.
import { fact } from 'tidings'
import { z } from 'zod'
import { MessageAnswered } from '../threads/contract.ts'
import { ImpulseOffered } from './contract.ts'
import { impulses } from './service.ts'

const dayMs = 86_400_000
const answersForThanks = 3

/** The times of the answers within the last day, in milliseconds since 1970. */
type Answers = readonly number[]

const withinDay = (answers: Answers, at: number): Answers => answers.filter((earlier) => at - earlier <= dayMs)

export const thankHelper = impulses
  .process('thank-helper', {
    description: 'Thanks a member who has answered others three times within a day.',
    from: 'now',
    facts: { answered: fact(z.object({ at: z.int() })), thanked: fact(z.object({ impulseId: z.string() })) },
    initialState: (): Answers => [],
    evolve: { answered: (answers, { at }) => [...withinDay(answers, at), at], thanked: () => [] },
    publishes: [ImpulseOffered],
  })
  .starts(
    MessageAnswered,
    ({ authorId, answeredBy }) => (answeredBy === authorId ? undefined : answeredBy),
    ({ answerId, roomId, answeredAt }, { key, state, facts, publish, end }) => {
      const at = Date.parse(answeredAt)
      const answered = facts.answered({ at })
      if (withinDay(state, at).length + 1 < answersForThanks) return answered
      const impulseId = `thank-helper.${answerId}`
      const impulse = { impulseId, kind: 'thank-helper', to: key, roomId, reasonAt: answeredAt }
      const text = 'Thank you! You have answered three times within a day.'
      publish(ImpulseOffered, { ...impulse, text, aboutMessageId: answerId, dueAt: answeredAt, patienceSeconds: 3_600 })
      end()
      return [answered, facts.thanked({ impulseId })]
    },
  )
