// Shows the members while they come, and change what they are called.
import { MemberList } from './contract.ts'
import { members } from './service.ts'

export const liveMembers = members.live(MemberList, { of: 'members', newest: 1_000 })
