// What must hold for impulses: each reason leads to exactly one end, and nobody is nudged twice, in quiet hours or too often.
import { defineInvariant, type InvariantTools } from '@tidings/testing'
import courier from '../services/courier/index.ts'
import { quietUntil } from '../services/impulses/clock-of-member.ts'
import { ImpulseDue } from '../services/impulses/contract.ts'
import impulses from '../services/impulses/index.ts'
import { turnsMax } from '../services/impulses/take-turn.ts'
import { MemberChanged } from '../services/members/contract.ts'
import { MessagePosted, RoomEntered } from '../services/rooms/contract.ts'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../services/threads/contract.ts'
import { countDeliveries, type ImpulseHistory, readImpulseHistories } from './impulse-histories.ts'
import { unreachable } from './people.ts'

/** An impulse is offered once, delivered or dropped once, and ends once. */
export const oneEndEach = defineInvariant(
  'an impulse that was offered has exactly one end, and is delivered at most once',
  async ({ events, rows }) => {
    const deliveries = await countDeliveries({ events })
    const histories = await readImpulseHistories({ events })
    for (const history of histories) {
      const { id, due, outcome } = history
      const { delivered, dropped } = deliveries.get(id) ?? { delivered: 0, dropped: 0 }
      if (delivered + dropped > 1) return `${id} was delivered ${delivered} times and dropped ${dropped} times`
      if (isParked(history) && delivered + dropped === 0) continue
      if (outcome === undefined) return `${id} has not ended`
      if ((outcome === 'delivered') !== (delivered === 1))
        return `${id} ended as ${outcome}, but was delivered ${delivered} times`
      if (due && delivered + dropped === 0) return `${id} was due, but courier neither delivered nor dropped it`
    }
    const due = new Set(histories.flatMap((history) => (history.due ? [history.id] : [])))
    const unexpected = [...deliveries.keys()].find((id) => !due.has(id))
    if (unexpected !== undefined) return `courier handled ${unexpected}, which was never due`
    const shown = new Set((await rows(courier, 'delivered')).map(({ impulseId }) => impulseId))
    const hidden = [...deliveries].find(([, { impulseId, delivered }]) => delivered > 0 && !shown.has(impulseId))
    return hidden && `${hidden[0]} was delivered, but courier does not show it`
  },
)

/** A question without an answer, a new member, a silent room: each leads to an impulse that ends. */
export const everyReasonCounts = defineInvariant('every reason leads to one impulse', async ({ events }) => {
  const histories = await readImpulseHistories({ events })
  return (
    (await questionWithoutEnd({ events }, ofKind(histories, 'unanswered-question'))) ??
    (await silenceWithoutEnd({ events }, ofKind(histories, 'quiet-room'))) ??
    (await newcomerWithoutEnd({ events }, ofKind(histories, 'welcome')))
  )
})

/** Nobody is nudged in their quiet hours, or more often than their daily limit allows. */
export const neverTooMuch = defineInvariant(
  'nobody is nudged in quiet hours, or too often',
  async ({ events, rows }) => {
    const clocks = Map.groupBy(await events(MemberChanged), ({ key }) => key)
    const due = await events(ImpulseDue)
    for (const { data } of due) {
      if (data === undefined) continue
      // It is not known when `impulses` handled a change of quiet hours, so any quiet hours that the member has had may allow it.
      const allowed = clocks
        .get(data.to)
        ?.some(({ data: member }) => member && !quietUntil(new Date(data.dueAt), member))
      if (allowed !== true) return `${data.impulseId} was sent to ${data.to} at ${data.dueAt}, in their quiet hours`
    }
    const turns = await rows(impulses, 'turns')
    const overLimit = turns.find(({ count }) => count > turnsMax)
    if (overLimit !== undefined) return `${overLimit.memberId} was nudged ${overLimit.count} times on ${overLimit.day}`
    const taken = turns.reduce((sum, { count }) => sum + count, 0)
    return taken === due.length ? undefined : `${taken} turns were counted, but ${due.length} impulses were sent`
  },
)

// An impulse that the webhook refuses is parked, and later ones for the same member wait behind it.
function isParked({ to, due, outcome }: ImpulseHistory): boolean {
  return to === unreachable && due && outcome === undefined
}

type Reading = Pick<InvariantTools, 'events'>

const ofKind = (histories: readonly ImpulseHistory[], wanted: string) => histories.filter(({ kind }) => kind === wanted)

async function questionWithoutEnd(
  { events }: Reading,
  histories: readonly ImpulseHistory[],
): Promise<string | undefined> {
  const asked = Map.groupBy(await events(QuestionAsked), ({ key }) => key)
  const gone = new Set((await events(MessageAnswered, QuestionWithdrawn)).map(({ key }) => key))
  for (const [messageId, times] of asked) {
    const ofQuestion = histories.filter(({ about }) => about === messageId)
    if (ofQuestion.length !== times.length)
      return `question ${messageId} was asked ${times.length} times, but led to ${ofQuestion.length} impulses`
    if (ofQuestion.some(({ outcome }) => outcome === 'withdrawn') && !gone.has(messageId))
      return `the impulse for ${messageId} was withdrawn, but nobody has answered or withdrawn the question`
  }
  return undefined
}

const silenceMs = 30 * 60_000

// The last message of a room is followed by silence; after earlier messages somebody may have spoken in time.
async function silenceWithoutEnd(
  { events }: Reading,
  histories: readonly ImpulseHistory[],
): Promise<string | undefined> {
  const last = new Map((await events(MessagePosted)).map(({ key, occurredAt }) => [key, occurredAt]))
  for (const [roomId, at] of last) {
    const silentAt = new Date(at.getTime() + silenceMs).toISOString()
    if (!histories.some(({ about, reasonAt }) => about === roomId && reasonAt === silentAt))
      return `room ${roomId} fell silent at ${silentAt}, but that led to no impulse`
  }
  return undefined
}

const newForMs = 60 * 60_000

// A member who comes in again after an hour was greeted before, unless the clock was set back: then they are greeted again.
async function newcomerWithoutEnd(
  { events }: Reading,
  histories: readonly ImpulseHistory[],
): Promise<string | undefined> {
  const joined = new Map(
    (await events(MemberChanged)).flatMap(({ key, data }) => (data ? [[key, Date.parse(data.joinedAt)]] : [])),
  )
  const arrivals = (await events(RoomEntered, MessagePosted)).flatMap(({ data, occurredAt }) =>
    data === undefined ? [] : [{ memberId: 'authorId' in data ? data.authorId : data.memberId, occurredAt }],
  )
  // If a member in a room is unknown to `members`, the events of that room are parked.
  if (arrivals.some(({ memberId }) => !joined.has(memberId))) return undefined
  for (const { memberId, occurredAt } of arrivals) {
    const joinedAt = joined.get(memberId)
    if (joinedAt === undefined || occurredAt.getTime() - joinedAt > newForMs) continue
    if (!histories.some(({ about }) => about === memberId))
      return `${memberId} was new at ${occurredAt.toISOString()}, but that led to no welcome`
  }
  return undefined
}
