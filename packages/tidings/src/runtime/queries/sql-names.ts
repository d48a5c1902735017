// Names in camelCase in the texts of a statement get quotes: some engines change the case of a name without them, so `AS waitMs` would come back as `waitms`.
// Invariant: texts, comments and names that have quotes stay as they are, also where a value stands between two parts of the statement.

// What may stand in a statement, in the order in which it is looked for. A part may end within a text or a comment, and the next one goes on there.
const tokens =
  /'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|\*?$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[\d$:@#?][\w.$]*/g

const camelCase = /^[a-z_][a-z0-9_]*[A-Z]\w*$/

/** What ends a text, a quoted name or a comment that the part before has begun. */
const ends: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '-': '\n', '/': '*/' }

const known = new WeakMap<readonly string[], readonly string[]>()

/** The texts of a template with names in camelCase in quotes. */
export function textsWithQuotedNames(texts: readonly string[]): readonly string[] {
  let quoted = known.get(texts)
  if (quoted === undefined) {
    quoted = quoteNames(texts)
    known.set(texts, quoted)
  }
  return quoted
}

function quoteNames(texts: readonly string[]): readonly string[] {
  let open: string | undefined
  return texts.map((text) => {
    const end = open === undefined ? 0 : text.indexOf(open)
    if (end < 0) return text
    const start = end + (open?.length ?? 0)
    open = undefined
    const rest = text.slice(start).replace(tokens, (token, at: number, whole: string) => {
      if (camelCase.test(token)) return `"${token}"`
      const [first = ''] = token
      const wanted = ends[first]
      if (wanted !== undefined && at + token.length === whole.length && !isEnded(token, wanted)) open = wanted
      return token
    })
    return text.slice(0, start) + rest
  })
}

function isEnded(token: string, end: string): boolean {
  return token.length > 1 && token.slice(token.startsWith('/*') ? 2 : 1).endsWith(end)
}
