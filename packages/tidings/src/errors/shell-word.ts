// A text as one word of a command that somebody copies from a log line.

/** Quotes a text if a shell would not take it as one word: `'a b'`. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
