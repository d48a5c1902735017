// What must hold for insights: its figures match the histories, counted again from the events of all other services.
import { defineInvariant, type InvariantTools } from '@tidings/testing'
import { ImpulseEnded } from '../services/impulses/contract.ts'
import { ChatDays, ChatSummary, DaySummary, TopHelpers } from '../services/insights/contract.ts'
import { median } from '../services/insights/median.ts'
import { MemberRenamed } from '../services/members/contract.ts'
import { MessagePosted, NoticePosted, RoomEntered, RoomLeft } from '../services/rooms/contract.ts'
import { MessageAnswered, QuestionAsked, QuestionWithdrawn } from '../services/threads/contract.ts'

type Reading = Pick<InvariantTools, 'events'>

/** The figures of all days match the histories, and the figures of single days add up to them. */
export const figuresMatch = defineInvariant(
  'the figures of insights match the histories',
  async ({ events, query }) => {
    const shown = await query(ChatSummary, {})
    const counted = { ...(await activity({ events })), ...(await waits({ events })) }
    const impulses = await ends({ events })
    for (const [name, count] of Object.entries(counted))
      if (shown?.[name as keyof typeof counted] !== count)
        return `insights shows ${shown?.[name as keyof typeof counted]} for ${name}; the histories have ${count}`
    for (const kind of new Set([...impulses.keys(), ...Object.keys(shown?.impulses ?? {})])) {
      const [actual, expected] = [JSON.stringify(shown?.impulses[kind]), JSON.stringify(impulses.get(kind))]
      if (actual !== expected) return `insights shows ${actual} for ${kind}; the histories have ${expected}`
    }
    for (const name of [
      'messages',
      'actions',
      'joins',
      'parts',
      'renames',
      'others',
      'questions',
      'answered',
    ] as const) {
      let sum = 0
      for (const day of (await query(ChatDays, {})) ?? []) sum += (await query(DaySummary, { day }))?.[name] ?? 0
      if (sum !== shown?.[name]) return `the days add up to ${sum} ${name}; the total is ${shown?.[name]}`
    }
    const answered = (await events(MessageAnswered)).filter(
      ({ data }) => data && data.answeredBy !== data.authorId,
    ).length
    const helped = (await query(TopHelpers, { limit: 100 }))?.reduce((sum, { answers }) => sum + answers, 0)
    return helped === answered ? undefined : `helpers have ${helped} answers; the histories have ${answered}`
  },
)

async function activity({ events }: Reading) {
  const posted = (await events(MessagePosted)).flatMap(({ data }) => data ?? [])
  const entered = (await events(RoomEntered)).flatMap(({ data }) => data ?? [])
  const renamed = (await events(MemberRenamed)).flatMap(({ data }) => data ?? [])
  const active = [
    ...posted.map(({ authorId }) => authorId),
    ...[...entered, ...renamed].map(({ memberId }) => memberId),
  ]
  return {
    messages: posted.filter(({ action }) => !action).length,
    actions: posted.filter(({ action }) => action).length,
    joins: entered.length,
    parts: (await events(RoomLeft)).length,
    renames: renamed.length,
    others: (await events(NoticePosted)).length,
    members: new Set(active).size,
  }
}

// A question that is asked again after it was withdrawn starts to wait again.
async function waits({ events }: Reading) {
  const questions = new Map<string, { askedAt: number; answeredAt: number | undefined }>()
  for (const { data } of await events(QuestionAsked, QuestionWithdrawn, MessageAnswered)) {
    if (data === undefined) continue
    const known = questions.get(data.messageId)
    if ('askedAt' in data) questions.set(data.messageId, { askedAt: Date.parse(data.askedAt), answeredAt: undefined })
    else if ('withdrawnAt' in data) questions.delete(data.messageId)
    else if (data.question && data.answeredBy !== data.authorId && known !== undefined)
      known.answeredAt = Math.min(known.answeredAt ?? Number.POSITIVE_INFINITY, Date.parse(data.answeredAt))
  }
  const all = [...questions.values()]
  const waited = all.flatMap(({ askedAt, answeredAt }) =>
    answeredAt === undefined ? [] : [Math.max(0, answeredAt - askedAt) / 1_000],
  )
  return { questions: all.length, answered: waited.length, medianSecondsToFirstAnswer: median(waited) }
}

const columns = {
  delivered: 'delivered',
  withdrawn: 'withdrawn',
  'over-limit': 'overLimit',
  'too-late': 'tooLate',
} as const

async function ends({ events }: Reading) {
  const byKind = new Map<string, Record<'delivered' | 'withdrawn' | 'held' | 'overLimit' | 'tooLate', number>>()
  for (const { data } of await events(ImpulseEnded)) {
    if (data === undefined) continue
    const figures = byKind.get(data.kind) ?? { delivered: 0, withdrawn: 0, held: 0, overLimit: 0, tooLate: 0 }
    byKind.set(data.kind, figures)
    figures[columns[data.outcome]]++
    if (data.held) figures.held++
  }
  return byKind
}
