// The service `members`.
import { liveMembers } from './live-members.ts'
import { listMembers, memberById } from './members-by-id.ts'
import { registerMember } from './register-member.ts'
import { renameMember } from './rename-member.ts'
import { members } from './service.ts'
import { setQuietHours } from './set-quiet-hours.ts'

export default members.with({ registerMember, renameMember, setQuietHours, memberById, listMembers, liveMembers })
