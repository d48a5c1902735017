// Registers a member, or updates a known one; a known member with another name has not been renamed, so `MemberRenamed` is not published.
// The same input again changes nothing and publishes nothing.
import { defaults, MemberChanged, RegisterMember } from './contract.ts'
import { isSameMember } from './is-same-member.ts'
import { members } from './service.ts'

export const registerMember = members.command(
  RegisterMember,
  { publishes: [MemberChanged] },
  async ({ memberId, name, timeZone, quietHours }, { tables, publish, occurredAt }) => {
    const known = await tables.members.get(memberId)
    const member = {
      memberId,
      name,
      timeZone: timeZone ?? known?.timeZone ?? defaults.timeZone,
      quietHours: quietHours === undefined ? (known ?? defaults).quietHours : quietHours,
      joinedAt: known?.joinedAt ?? occurredAt.toISOString(),
    }
    if (known !== undefined && isSameMember(known, member)) return
    tables.members.put(member)
    publish(MemberChanged, member)
  },
)
