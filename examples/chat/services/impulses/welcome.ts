// "Say hello": two minutes after a new member has come into a room, they are welcomed, unless somebody has answered them or they have left.
// A member is new for an hour after their registration. When they were greeted, or need no greeting, the instance remembers that for another hour. Until
// then it does not end: timers of other names do not wait for a `hello` that fails, and an instance that has ended greets nobody.
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
type Remembering = Pick<Arrival, 'key' | 'timers' | 'replicas'>

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
  .due('hello', async (_, context) => {
    const { state, publish, facts, timer } = context
    if (state.impulse === undefined || state.over) return undefined
    await rememberWhileNew(state.impulse, context)
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
  // A late event, after the first greeting was forgotten, is another reason, even if it occurred at the same moment.
  const impulseId = `welcome.${key}.${newId()}`
  return facts.arrived({ impulseId, kind: 'welcome', to: key, roomId, reasonAt: occurredAt.toISOString() })
}

// Counted from the later of the two: a member may have come in before their registration was heard of.
async function rememberWhileNew({ reasonAt }: { readonly reasonAt: string }, { key, timers, replicas }: Remembering) {
  const { joinedAt } = await replicas.members.require(key)
  timers.noLongerNew.at(new Date(Math.max(Date.parse(joinedAt), Date.parse(reasonAt)) + newForMs))
}

async function leaveAlone(why: string, context: Arrival) {
  const { impulse, over } = context.state
  if (impulse === undefined || over) return undefined
  context.timers.hello.cancel()
  await rememberWhileNew(impulse, context)
  withdraw(context, why)
  return context.facts.withdrawn({})
}
