// Tells whether a member has changed. Who they are and since when never does.
import type { Member } from './contract.ts'

/** Whether two states of one member say the same. */
export function isSameMember(one: Member, other: Member): boolean {
  return (
    one.name === other.name &&
    one.timeZone === other.timeZone &&
    one.quietHours?.from === other.quietHours?.from &&
    one.quietHours?.to === other.quietHours?.to
  )
}
