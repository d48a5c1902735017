// The service `members`: the members and their names. It subscribes to nothing.
import { defineService, defineTable } from 'tidings'
import { Member, MemberChanged, MemberRenamed } from './contract.ts'

const memberTable = defineTable('members')
  .version(1, Member)
  .key((member) => member.memberId)

export const members = defineService('members', {
  description: 'The members, their names and their quiet hours.',
  publishes: [MemberChanged, MemberRenamed],
  tables: { members: memberTable },
})
