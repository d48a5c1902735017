// What `members` owns and says: who the members are, under whatever name. It hears nothing.
import { defineService, defineTable } from 'tidings'
import { Member, MemberChanged, MemberRenamed } from './contract.ts'

const memberTable = defineTable('members')
  .version(1, Member)
  .key((member) => member.memberId)

export const members = defineService('members', {
  description: 'Who the members are, how they are called, and when they want to be left alone.',
  publishes: [MemberChanged, MemberRenamed],
  tables: { members: memberTable },
})
