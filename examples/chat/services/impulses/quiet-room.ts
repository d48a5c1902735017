// "It has become quiet here": if nobody has posted in a room for half an hour, the last speaker is asked to continue. The reason goes away
// when somebody posts. After a nudge there is no other one until somebody has posted again.
import { fact, timer } from 'tidings'
import { z } from 'zod'
import { MessagePosted } from '../rooms/contract.ts'
import { ImpulseCalledOff, ImpulseEnded, ImpulseOffered } from './contract.ts'
import { planned, type Reason, withdraw } from './reason.ts'
import { impulses } from './service.ts'

/** How long a room is silent before it counts as quiet. */
export const quietAfter = { minutes: 30 } as const

interface State extends Reason {
  readonly lastSpeaker: string
  /** How often the room has fallen silent. */
  readonly silences: number
}

export const quietRoom = impulses
  .process('quiet-room', {
    description: 'Asks the last speaker to continue when a room has become quiet.',
    facts: { spoke: fact(z.object({ authorId: z.string() })), fellSilent: fact(planned) },
    initialState: (): State => ({ impulse: undefined, offered: false, lastSpeaker: '', silences: 0 }),
    evolve: {
      spoke: ({ silences }, { authorId }): State => ({
        ...{ impulse: undefined, offered: false, lastSpeaker: authorId, silences },
      }),
      fellSilent: (state, impulse) => ({ ...state, impulse, offered: true, silences: state.silences + 1 }),
    },
    // A busy room has a long history, but a small state.
    snapshot: { every: 100, version: 2 },
    timers: { silence: timer() },
    publishes: [ImpulseOffered, ImpulseCalledOff, ImpulseEnded],
  })
  .starts(
    MessagePosted,
    (message) => message.roomId,
    ({ authorId }, context) => {
      withdraw(context, 'Somebody has spoken.')
      context.timers.silence.after(quietAfter)
      return context.state.lastSpeaker === authorId && !context.state.offered
        ? undefined
        : context.facts.spoke({ authorId })
    },
  )
  .due('silence', (_, { key, state, publish, facts, timer }) => {
    const dueAt = timer.dueAt.toISOString()
    // Messages of the same millisecond that are handled at different times have the same due time; each silence is a separate reason.
    const impulseId = `quiet-room.${key}.${timer.dueAt.getTime()}.${state.silences + 1}`
    const impulse = { impulseId, kind: 'quiet-room', to: state.lastSpeaker, roomId: key, reasonAt: dueAt }
    const text = 'It has become quiet here. Is there anything you would like to go on with?'
    publish(ImpulseOffered, { ...impulse, text, aboutMessageId: null, dueAt, patienceSeconds: 900 })
    return facts.fellSilent(impulse)
  })
