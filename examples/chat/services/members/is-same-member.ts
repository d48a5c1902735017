// Checks whether a member has changed. The id and the time of joining never change.
import type { Member } from './contract.ts'

/** Whether two states of a member are equal. */
export function isSameMember(one: Member, other: Member): boolean {
  return (
    one.name === other.name &&
    one.timeZone === other.timeZone &&
    one.quietHours?.from === other.quietHours?.from &&
    one.quietHours?.to === other.quietHours?.to
  )
}
