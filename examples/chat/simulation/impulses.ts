// What must hold of impulses, whatever happens: each reason comes to one end, and nobody is nudged twice, at night or too often.
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

/** An impulse is offered once, brought or dropped once, and ends once. */
export const oneEndEach = defineInvariant(
  'an impulse that was offered comes to exactly one end, and is brought at most once',
  async ({ events, rows }) => {
    const deliveries = await countDeliveries({ events })
    const stories = await readImpulseHistories({ events })
    for (const story of stories) {
      const { id, due, outcome } = story
      const { brought, dropped } = deliveries.get(id) ?? { brought: 0, dropped: 0 }
      if (brought + dropped > 1) return `${id} was brought ${brought} times and dropped ${dropped} times`
      if (isParked(story) && brought + dropped === 0) continue
      if (outcome === undefined) return `${id} has not ended`
      if ((outcome === 'delivered') !== (brought === 1)) return `${id} is ${outcome}, and was brought ${brought} times`
      if (due && brought + dropped === 0) return `${id} was due, and courier says nothing of it`
    }
    const due = new Set(stories.flatMap((story) => (story.due ? [story.id] : [])))
    const stray = [...deliveries.keys()].find((id) => !due.has(id))
    if (stray !== undefined) return `courier speaks of ${stray}, which was never due`
    const shown = new Set((await rows(courier, 'delivered')).map(({ impulseId }) => impulseId))
    const hidden = [...deliveries].find(([, { impulseId, brought }]) => brought > 0 && !shown.has(impulseId))
    return hidden && `${hidden[0]} was brought, and courier does not show it`
  },
)

/** A question that is not answered, somebody new, a room that falls silent: each leads to an impulse that ends. */
export const everyReasonCounts = defineInvariant('every reason leads to one impulse', async ({ events }) => {
  const stories = await readImpulseHistories({ events })
  return (
    (await questionWithoutEnd({ events }, ofKind(stories, 'unanswered-question'))) ??
    (await silenceWithoutEnd({ events }, ofKind(stories, 'quiet-room'))) ??
    (await newcomerWithoutEnd({ events }, ofKind(stories, 'welcome')))
  )
})

/** Nobody is nudged in their quiet hours, as they stood at any time, nor more often than their turns of a day allow. */
export const neverTooMuch = defineInvariant(
  'nobody is nudged in quiet hours, or too often',
  async ({ events, rows }) => {
    const clocks = Map.groupBy(await events(MemberChanged), ({ key }) => key)
    const due = await events(ImpulseDue)
    for (const { data } of due) {
      if (data === undefined) continue
      // When impulses heard of new quiet hours nobody else can know: one of the clocks that a member has ever had allowed it.
      const allowed = clocks
        .get(data.to)
        ?.some(({ data: member }) => member && !quietUntil(new Date(data.dueAt), member))
      if (allowed !== true) return `${data.impulseId} was sent to ${data.to} at ${data.dueAt}, in their quiet hours`
    }
    const turns = await rows(impulses, 'turns')
    const greedy = turns.find(({ count }) => count > turnsMax)
    if (greedy !== undefined) return `${greedy.memberId} had ${greedy.count} turns on ${greedy.day}`
    const taken = turns.reduce((sum, { count }) => sum + count, 0)
    return taken === due.length ? undefined : `${taken} turns were taken, and ${due.length} impulses sent`
  },
)

// What the webhook refuses is parked until somebody mends it, and what comes for the same member waits behind it.
function isParked({ to, due, outcome }: ImpulseHistory): boolean {
  return to === unreachable && due && outcome === undefined
}

type Reading = Pick<InvariantTools, 'events'>

const ofKind = (stories: readonly ImpulseHistory[], wanted: string) => stories.filter(({ kind }) => kind === wanted)

async function questionWithoutEnd(
  { events }: Reading,
  stories: readonly ImpulseHistory[],
): Promise<string | undefined> {
  const asked = Map.groupBy(await events(QuestionAsked), ({ key }) => key)
  const gone = new Set((await events(MessageAnswered, QuestionWithdrawn)).map(({ key }) => key))
  for (const [messageId, times] of asked) {
    const ofQuestion = stories.filter(({ about }) => about === messageId)
    if (ofQuestion.length !== times.length)
      return `question ${messageId} was asked ${times.length} times, and led to ${ofQuestion.length} impulses`
    if (ofQuestion.some(({ outcome }) => outcome === 'withdrawn') && !gone.has(messageId))
      return `the impulse for ${messageId} was withdrawn, and nobody has answered or taken back the question`
  }
  return undefined
}

const silenceMs = 30 * 60_000

// What was said last in a room is followed by silence; that of earlier messages may have been broken in time.
async function silenceWithoutEnd({ events }: Reading, stories: readonly ImpulseHistory[]): Promise<string | undefined> {
  const last = new Map((await events(MessagePosted)).map(({ key, occurredAt }) => [key, occurredAt]))
  for (const [roomId, at] of last) {
    const silentAt = new Date(at.getTime() + silenceMs).toISOString()
    if (!stories.some(({ about, reasonAt }) => about === roomId && reasonAt === silentAt))
      return `room ${roomId} fell silent at ${silentAt}, and nobody was asked to go on`
  }
  return undefined
}

const newForMs = 60 * 60_000

// Who comes in again after an hour was greeted before, unless the clock was set back meanwhile: then they are greeted again.
async function newcomerWithoutEnd(
  { events }: Reading,
  stories: readonly ImpulseHistory[],
): Promise<string | undefined> {
  const joined = new Map(
    (await events(MemberChanged)).flatMap(({ key, data }) => (data ? [[key, Date.parse(data.joinedAt)]] : [])),
  )
  const arrivals = (await events(RoomEntered, MessagePosted)).flatMap(({ data, occurredAt }) =>
    data === undefined ? [] : [{ memberId: 'authorId' in data ? data.authorId : data.memberId, occurredAt }],
  )
  // A room in which somebody is whom members has never heard of is parked behind them.
  if (arrivals.some(({ memberId }) => !joined.has(memberId))) return undefined
  for (const { memberId, occurredAt } of arrivals) {
    const joinedAt = joined.get(memberId)
    if (joinedAt === undefined || occurredAt.getTime() - joinedAt > newForMs) continue
    if (!stories.some(({ about }) => about === memberId))
      return `${memberId} came in at ${occurredAt.toISOString()}, new, and no welcome came of it`
  }
  return undefined
}
