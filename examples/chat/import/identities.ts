// Finds the member behind each nick: a chain of renames is one member. It reads all days at once, so the result does not depend on where an
// import was interrupted.
import { createHash } from 'node:crypto'
import type { ChatDay } from './read-day.ts'

/** The member of each nick; a member's id is made from their first nick. */
export type Identities = ReadonlyMap<string, string>

/** Finds the members behind the nicks of all days. */
export function identitiesOf(days: readonly ChatDay[]): Identities {
  const parents = new Map<string, string>()
  const seen: string[] = []
  const rootOf = (nick: string): string => {
    const parent = parents.get(nick)
    if (parent === undefined) {
      parents.set(nick, nick)
      seen.push(nick)
      return nick
    }
    if (parent === nick) return nick
    const root = rootOf(parent)
    parents.set(nick, root)
    return root
  }
  for (const { lines } of days) {
    for (const line of lines) {
      if (line.kind === 'rename') {
        const [from, to] = [rootOf(line.from), rootOf(line.to)]
        const [first, second] = seen.indexOf(from) < seen.indexOf(to) ? [from, to] : [to, from]
        if (first !== second) parents.set(second, first)
      } else if (line.kind !== 'other') rootOf(line.nick)
    }
  }
  return new Map([...parents.keys()].map((nick) => [nick, memberId(rootOf(nick))]))
}

// Nicks may contain characters that ids may not; those are written as their codes, so that two nicks never share an id.
function memberId(nick: string): string {
  const plain = nick.replace(/[^A-Za-z0-9_-]/gu, (character) => `.${character.codePointAt(0)?.toString(36)}.`)
  const id = `irc-${plain}`
  return id.length <= 64 ? id : `${id.slice(0, 51)}.${createHash('sha256').update(nick).digest('hex').slice(0, 12)}`
}
