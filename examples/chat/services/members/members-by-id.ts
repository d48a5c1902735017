// Answers with one member, or with a page of all members.
import { MemberById, Members } from './contract.ts'
import { members } from './service.ts'

export const memberById = members.query(MemberById, ({ memberId }, { tables }) => tables.members.get(memberId))

export const listMembers = members.query(Members, async ({ after, limit }, { tables }) => [
  ...(await tables.members.list({ limit, ...(after === undefined ? {} : { after }) })),
])
