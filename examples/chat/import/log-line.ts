// Parses a line of an IRC log. Invariant: the text of a message is not changed, and a line of an unknown kind is kept unchanged.

/** What every line has. */
interface Place {
  /** The number of the line in its file, counted from 0; every line counts. */
  readonly line: number
  /** When it was said, in milliseconds since 1970 (UTC), to the minute; never before the line above. */
  readonly at: number
}

/** The content of a line: a message or an action, a join or a part, a rename; or any other text, unchanged. */
export type Said =
  | { readonly kind: 'message' | 'action'; readonly nick: string; readonly text: string }
  | { readonly kind: 'join' | 'part'; readonly nick: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'other'; readonly text: string }

/** A line of a log. */
export type LogLine = Place & Said

/** The longest line that is imported, in characters; IRC itself allows 512 bytes. */
export const lineLengthMax = 4096

/** The longest nick that is imported, in characters. */
export const nickLengthMax = 64

/** A parsed line: its content, and its time in minutes since midnight, if it has one. */
export interface ParsedLine {
  readonly said: Said
  readonly minute: number | undefined
}

// Old logs have a space after every `]` of a nick: `<[nick] >`, `=== [a] b is now known as [c] `. Nicks have no spaces, so it is removed.
const nickIn = String.raw`[^\s>]+(?:(?<=\]) [^\s>]+)*?`
// One space belongs to the log; the rest is the exact text.
const message = new RegExp(String.raw`^<\s*(${nickIn})\s*>(?: (.*))?$`, 's')
const action = /^ \* (\S+)(?: (.*))?$/s
// Old logs write actions like notices, so `=== somebody has left the room` may be an action: a part has the name of a channel.
const coming = new RegExp(String.raw`^=== (${nickIn})\s+(?:\[.*\]\s+)?has (joined|left) #`, 's')
const renaming = new RegExp(String.raw`^=== (${nickIn})\s+is now known as (${nickIn})\s*$`)
const tidy = (nick: string): string => nick.replaceAll('] ', ']')

/** Parses a line; a string is the reason why it cannot be imported. */
export function parseLine(text: string): ParsedLine | string {
  if (text.length > lineLengthMax) return `the line has ${text.length} characters; the limit is ${lineLengthMax}`
  const timed = /^\[(\d\d):(\d\d)\] (.*)$/s.exec(text)
  const said = timed === null ? notice(text) : (talk(timed[3] ?? '') ?? { kind: 'other', text })
  const nicks = said.kind === 'other' ? [] : said.kind === 'rename' ? [said.from, said.to] : [said.nick]
  const long = nicks.find((nick) => nick.length > nickLengthMax)
  if (long !== undefined) return `a nick has ${long.length} characters; the limit is ${nickLengthMax}`
  // No member can have such a name, so everything that they say would be refused or wait for them.
  if (nicks.some((nick) => /\p{Cc}/u.test(nick))) return 'a nick has a control character'
  if (timed === null) return { said, minute: undefined }
  const [hours, minutes] = [Number(timed[1]), Number(timed[2])]
  if (hours > 23 || minutes > 59) return `${timed[1]}:${timed[2]} is not a time of day`
  return { said, minute: hours * 60 + minutes }
}

function talk(rest: string): Said | undefined {
  const [, speaker, said = ''] = message.exec(rest) ?? []
  if (speaker !== undefined) return { kind: 'message', nick: tidy(speaker), text: said }
  const [, actor, done = ''] = action.exec(rest) ?? []
  return actor === undefined ? undefined : { kind: 'action', nick: actor, text: done }
}

function notice(text: string): Said {
  const [, nick, way] = coming.exec(text) ?? []
  if (nick !== undefined) return { kind: way === 'joined' ? 'join' : 'part', nick: tidy(nick) }
  const [, from, to] = renaming.exec(text) ?? []
  return from === undefined || to === undefined
    ? { kind: 'other', text }
    : { kind: 'rename', from: tidy(from), to: tidy(to) }
}
