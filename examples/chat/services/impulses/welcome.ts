// "Say hello": two minutes after a new member has come into a room, they are welcomed, unless somebody has answered them or they have left.
// A member is new for an hour after their registration. The instance remembers for another hour that it has greeted them.
import { type ContextOf, fact, timer } from 'tidings'
import { z } from 'zod'
import { MessagePosted, RoomEntered, RoomLeft } from '../rooms/contract.ts'
import { MessageAnswered } from '../threads/contract.ts'
import { ImpulseCalledOff, ImpulseEnded, ImpulseOffered } from './contract.ts'
import { planned, type Reason, withdraw } from './reason.ts'
import { impulses } from './service.ts'

const newForMs = 3_600_000

const welcoming = impulses.process('welcome', {
  description: 'Welcomes a new member if nobody else has.',
  facts: { arrived: fact(planned), offered: fact(z.object({})), withdrawn: fact(z.object({})) },
  initialState: (): Reason & { over: boolean } => ({ impulse: undefined, offered: false, over: false }),
  evolve: {
    arrived: (state, impulse) => ({ ...state, impulse }),
    offered: (state) => ({ ...state, offered: true }),
    withdrawn: (state) => ({ ...state, over: true }),
  },
  timers: { hello: timer(), noLongerNew: timer() },
  publishes: [ImpulseOffered, ImpulseCalledOff, ImpulseEnded],
})

type Arrival = ContextOf<typeof welcoming>

export const welcome = welcoming
  .starts(
    RoomEntered,
    (entered) => entered.memberId,
    ({ roomId }, context) => arrive(roomId, context),
  )
  .starts(
    MessagePosted,
    (message) => message.authorId,
    ({ roomId }, context) => arrive(roomId, context),
  )
  .on(
    MessageAnswered,
    (answer) => (answer.answeredBy === answer.authorId ? undefined : answer.authorId),
    (_, context) => leaveAlone('Somebody has spoken to them.', context),
  )
  .on(
    RoomLeft,
    (left) => left.memberId,
    (_, context) => leaveAlone('They have left.', context),
  )
  .due('hello', (_, { state, publish, facts, timer }) => {
    if (state.impulse === undefined || state.over) return undefined
    const text = 'Welcome! Just ask, or say what brings you here.'
    const dueAt = timer.dueAt.toISOString()
    publish(ImpulseOffered, { ...state.impulse, text, aboutMessageId: null, dueAt, patienceSeconds: 900 })
    return facts.offered({})
  })
  .due('noLongerNew', (_, { end }) => end())

async function arrive(roomId: string, { key, state, facts, timers, replicas, occurredAt, newId }: Arrival) {
  if (state.impulse !== undefined) return undefined
  const joinedAt = Date.parse((await replicas.members.require(key)).joinedAt)
  if (occurredAt.getTime() - joinedAt > newForMs) return undefined
  timers.hello.after({ minutes: 2 })
  // Counted from the later of the two, so that a member who comes in at the end of their first hour is still greeted.
  timers.noLongerNew.at(new Date(Math.max(joinedAt, occurredAt.getTime()) + newForMs))
  // A late event, after the first greeting was forgotten, is another reason, even if it occurred at the same moment.
  const impulseId = `welcome.${key}.${newId()}`
  return facts.arrived({ impulseId, kind: 'welcome', to: key, roomId, reasonAt: occurredAt.toISOString() })
}

function leaveAlone(why: string, context: Arrival) {
  const { impulse, over } = context.state
  if (impulse === undefined || over) return undefined
  context.timers.hello.cancel()
  withdraw(context, why)
  return context.facts.withdrawn({})
}
