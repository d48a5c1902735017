// Whether the wording of a message asks, greets, requests help, or calls a bot. It is made for English support channels, with greetings in a
// few more languages. Invariant: the result depends on the text only.
import { isQuestion } from './is-question.ts'

/** The wording of a text. */
export interface Wording {
  /** It ends in a question mark, see `isQuestion`. */
  readonly asks: boolean
  /** It begins with a greeting. */
  readonly greets: boolean
  /** It asks everybody, or describes a problem: `anyone know …`, `how do i …`, `i have …`. */
  readonly requests: boolean
  /** It begins with `!` and a word, which asks a bot for an entry of its handbook. */
  readonly calls: boolean
}

const alternatives = (...words: readonly string[]): string => `(?:${words.join('|')})`

const greeting = new RegExp(
  `^${alternatives('hi+', 'hiya', 'hell?o+', 'hey+', 'yo', "g'?day", '(?:good )?(?:morning|evening|day)', "evenin'?", 'moin', 'salut', 'hola', 'ciao')}\\b`,
)

const anybody = '(?:any|some)(?:one|body|1)'
const knows = alternatives(
  ...['know', 'help', 'tell', 'here', 'use', 'using', 'used', 'has', 'have', 'had', 'got', 'ever', 'familiar', 'can'],
  ...['able', 'play', 'suggest', 'recommend'],
)
const askingAll = new RegExp(
  `\\b${anybody} (?:\\w+ )?${knows}|\\b${alternatives('can', 'could', 'does', 'do', 'did', 'has', 'have', 'is', 'are')} ${anybody}\\b`,
)

const opening = alternatives(
  ...['how (?:do|can|would|to)', "what(?:'?s| is| are) the", 'is (?:there|it possible)', 'where (?:can|do|is)'],
  ...["i(?:'?m| am) (?:trying|having|running|using|looking)", 'i (?:have|need|want|just|got|installed|tried)', "i'?ve"],
)
/** The opening may have one word before it: `so how do i …`. */
const opens = new RegExp(`^(?:\\W|\\w+ )?${opening}`)

/** Reads the wording of a text, without the name it is addressed to. */
export function wordingOf(text: string): Wording {
  const lower = text.trim().toLowerCase()
  return {
    asks: isQuestion(text),
    greets: greeting.test(lower),
    requests: askingAll.test(lower) || opens.test(lower),
    calls: /^!\w/.test(lower),
  }
}
