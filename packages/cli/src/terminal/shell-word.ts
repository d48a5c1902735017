// A text as one word of a command line that a person can copy.

/** Quotes a text where a shell would not take it as one word: `'a b'`. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./<>-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
