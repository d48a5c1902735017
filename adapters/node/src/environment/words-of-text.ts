// The words of a text that is broken into lines. Invariant: joined together they are the text.

/**
 * The words of a text, each with the space behind it. A command in backquotes is one word, so that it can be copied, unless `fits` says that it does not
 * fit on a line.
 */
export function wordsOfText(text: string, fits: (word: string) => boolean): readonly string[] {
  const parts = text.split(/(?<= )/)
  const words: string[] = []
  for (let from = 0; from < parts.length; ) {
    const to = Math.max(from, endOfCommand(parts, from))
    const own = parts.slice(from, to + 1)
    const whole = own.join('')
    if (fits(whole.trimEnd())) words.push(whole)
    else words.push(...own)
    from = to + 1
  }
  return words
}

/** The part in which a command ends that begins in another one; -1 if none begins there. */
function endOfCommand(parts: readonly string[], from: number): number {
  const isOpened = (parts[from] ?? '').split('`').length % 2 === 0
  return isOpened ? parts.findIndex((part, index) => index > from && part.includes('`')) : -1
}
