// The rules for every kind of impulse: quiet hours, the daily limit, and that an impulse that is too late is dropped. There is one instance for
// each offered impulse, until it has ended. Invariant: an impulse ends once, with a reason.
import { type ContextOf, fact, isRejection, timer } from 'tidings'
import { z } from 'zod'
import { ImpulseDelivered, ImpulseDropped } from '../courier/contract.ts'
import { dayOf, quietUntil } from './clock-of-member.ts'
import { ImpulseCalledOff, ImpulseDue, ImpulseEnded, ImpulseOffered, type ImpulseOutcome } from './contract.ts'
import { impulses } from './service.ts'
import { TakeTurn } from './take-turn.ts'

type Offer = Readonly<z.infer<typeof Offered>>
const Offered = z.object({
  ...{ impulseId: z.string(), kind: z.string(), to: z.string(), roomId: z.string(), reasonAt: z.string() },
  ...{ text: z.string(), aboutMessageId: z.string().nullable(), dueAt: z.string(), patienceSeconds: z.int() },
})

interface State {
  readonly offer: Offer | undefined
  readonly held: boolean
  readonly released: boolean
}

const initialState = (): State => ({ offer: undefined, held: false, released: false })

const releasing = impulses.process('release', {
  description: 'Lets an impulse through, holds it over quiet hours, or ends it.',
  facts: {
    offered: fact(Offered),
    held: fact(z.object({ until: z.string() })),
    released: fact(z.object({})),
    ended: fact(z.object({ outcome: z.string() })),
  },
  initialState,
  evolve: {
    offered: (state: State, offer) => ({ ...state, offer }),
    held: (state) => ({ ...state, held: true }),
    released: (state) => ({ ...state, released: true }),
    ended: (state) => state,
  },
  timers: { quietHoursEnd: timer() },
  publishes: [ImpulseDue, ImpulseEnded],
  executes: [TakeTurn],
})

type Context = Pick<
  ContextOf<typeof releasing>,
  'facts' | 'timers' | 'publish' | 'execute' | 'replicas' | 'now' | 'end'
>

export const release = releasing
  .starts(
    ImpulseOffered,
    (offer) => offer.impulseId,
    async (offer, context) => [
      context.facts.offered(offer),
      await judge(offer, false, context.now().getTime() - Date.parse(offer.dueAt), context),
    ],
  )
  .due('quietHoursEnd', async (_, context) => {
    const { offer } = context.state
    return offer === undefined ? undefined : judge(offer, true, context.timer.lateMs, context)
  })
  .on(
    ImpulseCalledOff,
    (impulse) => impulse.impulseId,
    (_, context) => {
      const { offer, held, released } = context.state
      // An impulse that was already sent is not recalled.
      if (offer === undefined || released) return undefined
      return finish(offer, held, 'withdrawn', 'Its reason has gone away.', context)
    },
  )
  .on(
    ImpulseDelivered,
    (impulse) => impulse.impulseId,
    (_, context) => {
      const { offer, held } = context.state
      return offer === undefined ? undefined : finish(offer, held, 'delivered', 'It was delivered.', context)
    },
  )
  .on(
    ImpulseDropped,
    (impulse) => impulse.impulseId,
    ({ why }, context) => {
      const { offer, held } = context.state
      return offer === undefined ? undefined : finish(offer, held, 'too-late', why, context)
    },
  )

async function judge(offer: Offer, held: boolean, lateMs: number, context: Context) {
  const { facts, timers, publish, execute, replicas, now } = context
  if (lateMs > offer.patienceSeconds * 1_000) {
    const why = `It was ${Math.round(lateMs / 60_000)} minutes late because impulses was not running.`
    return finish(offer, held, 'too-late', why, context)
  }
  const member = await replicas.members.require(offer.to)
  const until = quietUntil(now(), member)
  if (until !== undefined) {
    timers.quietHoursEnd.at(until)
    return facts.held({ until: until.toISOString() })
  }
  const turn = await execute(TakeTurn, { memberId: offer.to, day: dayOf(now(), member) })
  if (isRejection(turn)) return finish(offer, held, 'over-limit', turn.message, context)
  publish(ImpulseDue, { ...offer, dueAt: now().toISOString() })
  return facts.released({})
}

function finish(
  { impulseId, kind, to, roomId, reasonAt }: Offer,
  held: boolean,
  outcome: z.infer<typeof ImpulseOutcome>,
  why: string,
  { facts, publish, now, end }: Context,
) {
  const impulse = { impulseId, kind, to, roomId, reasonAt }
  publish(ImpulseEnded, { ...impulse, outcome, why, held, endedAt: now().toISOString() })
  end()
  return facts.ended({ outcome })
}
