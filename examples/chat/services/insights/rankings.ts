// Answers the busiest hours, the best helpers, and the open questions.
import { BusiestHours, ChatDays, OpenQuestions, TopHelpers } from './contract.ts'
import { readAll } from './read-all.ts'
import { allDays, insights } from './service.ts'

// A day may have nothing but an impulse, or a question that came from an edit.
export const chatDays = insights.query(ChatDays, async (_, { readModels }) => {
  const heard = [
    ...(await readAll((options) => readModels.days.page(options))),
    ...(await readAll((options) => readModels.questions.page(options))),
    ...(await readAll((options) => readModels.impulses.page(options))),
  ]
  return [...new Set(heard.map(({ day }) => day))].filter((day) => day !== allDays).sort()
})

export const busiestHours = insights.query(BusiestHours, async ({ day }, { readModels }) => {
  const { hours = [] } = (await readModels.days.get(day ?? allDays)) ?? {}
  return hours
    .map((messages, hour) => ({ hour, messages }))
    .filter(({ messages }) => messages > 0)
    .sort((a, b) => b.messages - a.messages || a.hour - b.hour)
})

export const topHelpers = insights.query(TopHelpers, async ({ limit }, { readModels, replicas }) => {
  const all = await readAll((options) => readModels.helpers.page(options))
  const top = all.toSorted((a, b) => b.answers - a.answers || compare(a.memberId, b.memberId)).slice(0, limit)
  const members = await replicas.members.getMany(top.map(({ memberId }) => memberId))
  return top.map((helper, index) => ({ ...helper, name: members[index]?.name ?? helper.memberId }))
})

export const openQuestions = insights.query(OpenQuestions, async ({ roomId, limit }, { readModels }) => {
  const open = await readAll((options) => readModels.questions.page({ where: { open: true }, ...options }))
  return open
    .filter((question) => roomId === undefined || question.roomId === roomId)
    .toSorted((a, b) => b.askedAt - a.askedAt || compare(b.messageId, a.messageId))
    .slice(0, limit)
    .map(({ messageId, roomId, authorId, askedAt }) => {
      return { messageId, roomId, authorId, askedAt: new Date(askedAt).toISOString() }
    })
})

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
