// Sets a member's quiet hours, on the clock of their own time zone.
import { reject } from 'tidings'
import { MemberChanged, SetQuietHours } from './contract.ts'
import { isSameMember } from './is-same-member.ts'
import { members } from './service.ts'

export const setQuietHours = members.command(
  SetQuietHours,
  { publishes: [MemberChanged] },
  async ({ memberId, quietHours, timeZone }, { tables, publish }) => {
    const known = await tables.members.get(memberId)
    if (known === undefined) return reject('unknown-member', `There is no member ${memberId}.`)
    const member = { ...known, quietHours, timeZone: timeZone ?? known.timeZone }
    if (isSameMember(known, member)) return undefined
    tables.members.put(member)
    publish(MemberChanged, member)
    return undefined
  },
)
