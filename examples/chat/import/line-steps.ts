// Turns a line of a log into commands to the services. Invariant: each command has an idempotency key derived from its place in the log, so
// an import that runs again sends the same commands and changes nothing, also if lines have been added at the end.
import type { CommandContract, CommandInput } from 'tidings'
import { RegisterMember, RenameMember } from '../services/members/contract.ts'
import { EnterRoom, LeaveRoom, PostMessage, PostNotice } from '../services/rooms/contract.ts'
import { Identities } from './identities.ts'
import type { LogLine } from './log-line.ts'

/** The one room of an imported log. */
export const logRoom = { roomId: 'ubuntu', title: '#ubuntu' } as const

/** A command to send. */
export interface Step {
  readonly service: string
  readonly command: string
  readonly input: unknown
  readonly idempotencyKey: string
  readonly occurredAt: Date
  /** Whether it is the first of its member: no step before it concerns them, so it may come before other steps of its moment. */
  readonly isFirstOfMember?: true
}

type MakeStep = <C extends CommandContract>(service: string, command: C, input: CommandInput<C>) => Step

/** The id of a message or entry: the day and the line, so that ids sort like the lines. */
export function lineId(day: string, line: number): string {
  return `${day}.${String(line).padStart(6, '0')}`
}

/** The day and line of an id; `undefined` if it is not the id of a line. */
export function placeOfLine(id: string): { readonly day: string; readonly line: number } | undefined {
  const [, day, line] = /^(\d{4}-\d\d-\d\d)\.(\d{6})$/.exec(id) ?? []
  return day === undefined ? undefined : { day, line: Number(line) }
}

/** Turns lines into steps, one line after the other. */
export class LineSteps {
  readonly #identities = new Identities()
  /** The last nick of each member. */
  readonly #nicks = new Map<string, string>()

  /** The steps of a line, in order. A member is registered when they first appear. */
  of(day: string, line: LogLine): readonly Step[] {
    const id = lineId(day, line.line)
    const { roomId } = logRoom
    const step = this.#stepsAt(`irc/${day}/${line.line}`, line.at)
    switch (line.kind) {
      case 'message':
      case 'action': {
        const authorId = this.#identities.memberOf(line.nick)
        // A line without a text is stored as a space, because a message needs a text.
        const text = line.text === '' ? ' ' : line.text
        const posting = { messageId: id, roomId, authorId, text, action: line.kind === 'action' }
        return [...this.#seen(line.nick, step), step('rooms', PostMessage, posting)]
      }
      case 'join':
      case 'part': {
        const entry = { roomId, entryId: id, memberId: this.#identities.memberOf(line.nick) }
        return [...this.#seen(line.nick, step), step('rooms', line.kind === 'join' ? EnterRoom : LeaveRoom, entry)]
      }
      case 'rename': {
        const memberId = this.#identities.memberOf(line.from)
        const seen = this.#seen(line.from, step)
        this.#nicks.set(memberId, line.to)
        this.#identities.rename(line.from, line.to)
        return [...seen, step('members', RenameMember, { memberId, name: line.to })]
      }
      default:
        return [step('rooms', PostNotice, { roomId, entryId: id, text: line.text })]
    }
  }

  // A member who returns to an earlier nick has no rename in the log: they are registered again under that nick.
  #seen(nick: string, step: MakeStep): readonly Step[] {
    const memberId = this.#identities.memberOf(nick)
    const last = this.#nicks.get(memberId)
    if (last === nick) return []
    this.#nicks.set(memberId, nick)
    const registering = step('members', RegisterMember, { memberId, name: nick })
    return [last === undefined ? { ...registering, isFirstOfMember: true } : registering]
  }

  #stepsAt(key: string, at: number): MakeStep {
    return (service, command, input) => ({
      service,
      command: command.name,
      input,
      idempotencyKey: `${key}/${command.name}`,
      occurredAt: new Date(at),
    })
  }
}
