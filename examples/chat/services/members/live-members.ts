// Shows the members, live.
import { MemberList } from './contract.ts'
import { members } from './service.ts'

export const liveMembers = members.live(MemberList, { of: 'members', newest: 1_000 })
