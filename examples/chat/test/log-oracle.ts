// Computes the expected report of real logs from the files, without the chat's own readers: with the patterns from the description of the logs,
// and members as sets of nicks. Figures that depend on links are computed from the links in the report.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isQuestion } from '../services/threads/linking/is-question.ts'

/** A line as the oracle sees it. */
interface Line {
  readonly kind: 'messages' | 'actions' | 'joins' | 'parts' | 'renames' | 'others'
  readonly nick: string | undefined
  readonly to: string | undefined
  readonly text: string
  /** Minutes since midnight. */
  readonly minute: number
}

const patterns: readonly (readonly [Line['kind'], RegExp])[] = [
  ['messages', /^\[\d\d:\d\d\] <\s*(?<nick>\S+?)\s*> ?(?<text>.*)$/s],
  ['actions', /^\[\d\d:\d\d\] {2}\* (?<nick>\S+) ?(?<text>.*)$/s],
  ['joins', /^=== (?<nick>\S+)\s.*has joined/s],
  ['parts', /^=== (?<nick>\S+)\s.*has left/s],
  ['renames', /^=== (?<nick>.+?)\s+is now known as (?<to>\S+)/s],
]

function readLines(path: string): readonly Line[] {
  const texts = readFileSync(path, 'utf8').split('\n')
  if (texts.at(-1) === '') texts.pop()
  let minute = 0
  return texts.map((raw): Line => {
    const [, hours, minutes] = /^\[(\d\d):(\d\d)\]/.exec(raw) ?? []
    if (hours !== undefined) {
      const shown = Number(hours) * 60 + Number(minutes)
      minute = shown >= minute ? shown : shown + 720
    }
    for (const [kind, pattern] of patterns) {
      const groups = pattern.exec(raw)?.groups
      if (groups !== undefined)
        return { kind, nick: groups.nick?.replace(' ', ''), to: groups.to, text: groups.text ?? '', minute }
    }
    return { kind: 'others', nick: undefined, to: undefined, text: raw, minute }
  })
}

/** The oracle's figures of a day. */
export interface DayByOracle {
  readonly day: string
  readonly lineCount: number
  /** The figures that do not need links. */
  readonly figures: Readonly<Record<Line['kind'] | 'members' | 'questions', number>>
  /** The figures that depend on links. */
  fromLinks(links: readonly (readonly [number, number])[]): {
    readonly answered: number
    readonly medianSecondsToFirstAnswer: number | null
  }
}

/** Computes a day. */
export function dayByOracle(folder: string, file: string): DayByOracle {
  const lines = readLines(join(folder, file))
  // The member of each line, at that line. From a rename to a known nick on, both are the member who was there first.
  const groups: Set<string>[] = []
  const groupOf = (nick: string): Set<string> => {
    const known = groups.find((group) => group.has(nick))
    if (known !== undefined) return known
    const group = new Set([nick])
    groups.push(group)
    return group
  }
  const members = lines.map(({ nick, to }) => {
    if (nick === undefined) return undefined
    const group = groupOf(nick)
    if (to === undefined) return group
    const other = groups.find((each) => each.has(to))
    if (other === undefined) group.add(to)
    else if (other !== group) {
      const [first, second] = groups.indexOf(group) < groups.indexOf(other) ? [group, other] : [other, group]
      for (const each of second) first.add(each)
      second.clear()
    }
    return group
  })
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length
  const said = lines.map((line) => (line.kind === 'messages' || line.kind === 'actions' ? line : undefined))
  const asks = (index: number) => said[index] !== undefined && isQuestion(said[index].text)
  const active = new Set(
    members.flatMap((member, index) => (member === undefined || lines[index]?.kind === 'parts' ? [] : [member])),
  )
  return {
    day: basename(file).slice(0, 10),
    lineCount: lines.length,
    figures: {
      ...{ messages: count('messages'), actions: count('actions'), joins: count('joins'), parts: count('parts') },
      ...{ renames: count('renames'), others: count('others'), members: active.size },
      questions: lines.filter((_, index) => asks(index)).length,
    },
    fromLinks: (links) => {
      const first = new Map<number, number>()
      for (const [earlier, later] of links) {
        const [asked, answer] = [said[earlier], said[later]]
        if (asked === undefined || answer === undefined || earlier === later || !asks(earlier)) continue
        if (members[earlier] === members[later]) continue
        const seconds = (answer.minute - asked.minute) * 60
        first.set(earlier, Math.min(seconds, first.get(earlier) ?? seconds))
      }
      const seconds = [...first.values()].sort((a, b) => a - b)
      const half = seconds.length / 2
      const middle = seconds.slice(Math.ceil(half) - 1, Math.floor(half) + 1)
      const median = middle.length === 0 ? null : middle.reduce((sum, each) => sum + each, 0) / middle.length
      return { answered: first.size, medianSecondsToFirstAnswer: median }
    },
  }
}
