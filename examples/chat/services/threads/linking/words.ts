// The significant words of a text. Invariant: few and short, so that many messages can be remembered.

/** The most words that are kept of one message. */
export const wordsMax = 8
/** The most characters that are kept of one word; words with the same beginning count as equal. */
export const wordLengthMax = 12
/** How many characters of a text are read. */
const textLengthMax = 1000

// Words that are not significant in a channel where everybody asks for help with Ubuntu.
const plain = new Set(
  `the and you that this with for not but have has had are was were what when where which who how why can could would should
  will just get got use using used like know want need there here they them then than your its it's i'm i've don't doesn't
  did does doing done any some one all out now see try about into from also only more very too been being much thing things
  think way make made work works working good well yes yeah okay thanks thank please help hello ubuntu linux anyone someone
  somebody anybody problem something anything really still again before after because going right sure sorry say said says
  let look looks find found tell new old`.split(/\s+/),
)

const word = /[\p{L}\p{N}][\p{L}\p{N}'_.+-]*[\p{L}\p{N}]/gu

/** The significant words of a text, the longest first, without the names of the speakers. */
export function wordsOf(text: string, names: ReadonlySet<string>): readonly string[] {
  const words = new Set(text.slice(0, textLengthMax).toLowerCase().match(word))
  const telling = [...words].filter((one) => one.length > 2 && !plain.has(one) && !names.has(one))
  const longest = telling.sort((a, b) => b.length - a.length).slice(0, wordsMax)
  return longest.map((one) => one.slice(0, wordLengthMax).toWellFormed())
}
