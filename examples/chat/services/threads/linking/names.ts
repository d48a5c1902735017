// Finds the names in a text: the person it is addressed to, and others it mentions. Invariant: nicks are compared case-insensitively.

/** A nick in the form in which nicks are compared. */
export const foldNick = (nick: string): string => nick.toLowerCase()

/**
 * True for the nicks of the channel's bots, which answer those who call them: `ubottu`, `ubotu`, `lubotu3`, and all that end in `bot`.
 * Every other nick counts as a person.
 */
export const isBot = (nick: string): boolean => /^(?:l?ubot+u\d*|.*bot\d*_*)$/i.test(nick)

/** The names in a text; all nicks are folded. */
export interface Named {
  readonly to: string | undefined
  readonly mentioned: readonly string[]
  /** The text after the name it is addressed to; all of it if there is none. */
  readonly rest: string
}

// `!entry | nick` and `!entry > nick` make a bot answer somebody else.
const call = /^!\w[^|>]*[|>]\s*(\S+)/
const address = /^\s*@?([\w[\]\\`^{|}-]+)(?:\s?([,:;>]+)|[.!?…]*(?=\s|$))(\s*)(.*)$/s

/** Words that may begin a line in the place of a name: `ok, …`, `note: …`. */
const openings = new Set(
  'ok okay well yes yeah yep no nope hi hello hey http https ftp so but and or error note edit ps ah oh now also question hmm btw thanks sorry then'.split(
    ' ',
  ),
)
/** A shortened name must have at least this many characters to be completed. */
const shortenedLengthMin = 4

/** A longer word, in characters, is never a name. */
const nameLengthMax = 80

/** Finds the names in the text of an action: all are mentioned, none is addressed. */
export function mentionsIn(text: string, known: ReadonlySet<string>): Named {
  const short = text.split(/\s+/).filter((word) => word.length <= nameLengthMax)
  const words = short.map((word) => foldNick(word.replace(/^[@("']+|[,:;.?!)"'>]+$/g, '')))
  return {
    to: undefined,
    mentioned: [...new Set(words.filter((word) => word.length > 2 && known.has(word)))],
    rest: text,
  }
}

/**
 * Finds the names in a text; `known` are the folded nicks of recent speakers. The first word is an address if it is a known nick. If `:` or
 * `,` follows it, it may also be the beginning of a known nick (`pike:` for `pike_`), or an unknown nick.
 */
export function namesIn(text: string, known: ReadonlySet<string>): Named {
  const { mentioned } = mentionsIn(text, known)
  const [, called] = call.exec(text) ?? []
  const [, first = '', mark = '', space = '', behind = ''] = address.exec(text) ?? []
  const name = foldNick(first)
  const to = called === undefined ? addressee(name, mark, space !== '', known) : foldNick(called)
  if (to === undefined) return { to, mentioned, rest: text }
  return {
    to,
    mentioned: mentioned.filter((other) => other !== to && other !== name),
    rest: called === undefined ? behind : text,
  }
}

function addressee(first: string, mark: string, spaced: boolean, known: ReadonlySet<string>): string | undefined {
  if (first.length < 2) return undefined
  if (known.has(first)) return first
  if (!/^[:,]/.test(mark) || openings.has(first)) return undefined
  const shortened = first.length >= shortenedLengthMin
  const completed = shortened ? [...known].find((nick) => nick.startsWith(first)) : undefined
  return completed ?? (spaced && !/^[\d-]/.test(first) ? first : undefined)
}
