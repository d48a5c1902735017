// The member who does something in a room. Invariant: an event of a room that names a member as its author or newcomer is about one that `members`
// has registered, so nobody who hears it waits for a member who does not exist.
import { isTidingsError, type Rejection, type ReplicaReader, reject } from 'tidings'
import type { Member } from '../members/contract.ts'

/**
 * The member with an id, or the rejection `unknown-member`. A member who has just been registered may not have arrived in the replica yet, so this
 * waits for them for a moment.
 */
export async function knownMember(members: ReplicaReader<Member>, memberId: string): Promise<Member | Rejection> {
  try {
    return await members.require(memberId)
  } catch (error) {
    if (!isTidingsError(error, 'REPLICA_ROW_MISSING')) throw error
    return reject('unknown-member', `There is no member ${memberId}.`)
  }
}
