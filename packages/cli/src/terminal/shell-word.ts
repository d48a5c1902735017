// A text as one word of a command line that you can copy.

/** Quotes a text if a shell would not take it as one word: `'a b'`. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./<>-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
