// Whom a text names: the one it is addressed to, and others it mentions. Invariant: nicks are compared without regard to case.

/** A nick as it is compared. */
export const foldNick = (nick: string): string => nick.toLowerCase()

/**
 * True for the nicks of the channel's bots, which answer who calls them: `ubottu`, `ubotu`, `lubotu3`, and whatever ends in `bot`.
 * Every other nick is taken for a person.
 */
export const isBot = (nick: string): boolean => /^(?:l?ubot+u\d*|.*bot\d*_*)$/i.test(nick)

/** Whom a text names; all nicks are folded. */
export interface Named {
  readonly to: string | undefined
  readonly mentioned: readonly string[]
  /** The text behind the name it is addressed to; all of it where there is none. */
  readonly rest: string
}

// `!entry | nick` and `!entry > nick` have a bot tell somebody.
const call = /^!\w[^|>]*[|>]\s*(\S+)/
const address = /^\s*@?([\w[\]\\`^{|}-]+)(?:\s?([,:;>]+)|[.!?…]*(?=\s|$))(\s*)(.*)$/s

/** Words that open a line like a name does: `ok, …`, `note: …`. */
const openings = new Set(
  'ok okay well yes yeah yep no nope hi hello hey http https ftp so but and or error note edit ps ah oh now also question hmm btw thanks sorry then'.split(
    ' ',
  ),
)
/** A name that is cut short must have so many characters to be completed. */
const shortenedLengthMin = 4

/** A longer word, in characters, is no name, whatever stands around it. */
const nameLengthMax = 80

/** Reads the names of a text that tells what somebody does: all are mentioned, none is addressed. */
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
 * Reads the names of a text; `known` are the folded nicks of those who lately spoke. The first word is an address where it is
 * known. Where `:` or `,` follows, it may be the beginning of a known nick (`pike:` for `pike_`), or a nick that is not known.
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
