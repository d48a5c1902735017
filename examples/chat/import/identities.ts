// Finds the member behind a nick, line by line: a chain of renames is one member. Invariant: what a line means depends on it and the lines
// before it alone, so a folder that has grown is imported as a fresh one would be.
import { createHash } from 'node:crypto'

/** The members behind the nicks so far; a member's id is made from their first nick. */
export class Identities {
  /** The member of each nick, by the nick that the member had first. */
  readonly #members = new Map<string, string>()
  /** The nicks of each member. */
  readonly #nicks = new Map<string, Set<string>>()
  /** The members in the order in which they were first seen. */
  readonly #order = new Map<string, number>()

  /** The id of a nick's member; a nick that was not seen before is a new member. */
  memberOf(nick: string): string {
    return memberId(this.#memberOf(nick))
  }

  /**
   * Notes a rename. A new nick is the same member's from now on. If it is the nick of another member, who has returned, say, both are one
   * member from now on: the one who was there first. What the other one has said before stays theirs.
   */
  rename(from: string, to: string): void {
    const member = this.#memberOf(from)
    const other = this.#members.get(to)
    if (other === undefined) this.#give(to, member)
    if (other === undefined || other === member) return
    const [first, second] =
      (this.#order.get(member) ?? 0) < (this.#order.get(other) ?? 0) ? [member, other] : [other, member]
    for (const nick of this.#nicks.get(second) ?? []) this.#give(nick, first)
    this.#nicks.delete(second)
  }

  #memberOf(nick: string): string {
    const known = this.#members.get(nick)
    if (known !== undefined) return known
    this.#order.set(nick, this.#order.size)
    this.#give(nick, nick)
    return nick
  }

  #give(nick: string, member: string): void {
    this.#members.set(nick, member)
    const nicks = this.#nicks.get(member)
    if (nicks === undefined) this.#nicks.set(member, new Set([nick]))
    else nicks.add(nick)
  }
}

// Nicks may contain characters that ids may not; those are written as their codes, so that two nicks never share an id.
function memberId(nick: string): string {
  const plain = nick.replace(/[^A-Za-z0-9_-]/gu, (character) => `.${character.codePointAt(0)?.toString(36)}.`)
  const id = `irc-${plain}`
  return id.length <= 64 ? id : `${id.slice(0, 51)}.${createHash('sha256').update(nick).digest('hex').slice(0, 12)}`
}
