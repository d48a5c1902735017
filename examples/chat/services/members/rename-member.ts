// Gives a member another name. The id, under which other services know them, never changes.
import { reject } from 'tidings'
import { MemberChanged, MemberRenamed, RenameMember } from './contract.ts'
import { members } from './service.ts'

export const renameMember = members.command(
  RenameMember,
  { publishes: [MemberChanged, MemberRenamed] },
  async ({ memberId, name }, { tables, publish }) => {
    const known = await tables.members.get(memberId)
    if (known === undefined) return reject('unknown-member', `There is no member ${memberId}.`)
    if (known.name === name) return undefined
    const member = { ...known, name }
    tables.members.put(member)
    publish(MemberChanged, member)
    publish(MemberRenamed, { memberId, from: known.name, to: name })
    return undefined
  },
)
