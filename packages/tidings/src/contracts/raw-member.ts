// The text of one member of a JSON object, byte for byte. If the object were parsed and serialised again, duplicate members, the order of
// members and digits of numbers would be lost, and data nested thousands of levels deep would fail.

/**
 * The text of a member's value. Of duplicate members the last one counts, as in `JSON.parse`.
 *
 * @param text - a JSON object that has been parsed before. This function checks nothing; it only finds where values begin and end.
 */
export function rawMember(text: string, name: string): string | undefined {
  let depth = 0
  let key: string | undefined
  let valueStart: number | undefined
  let found: string | undefined
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '"': {
        const end = endOfString(text, i)
        if (depth === 1 && valueStart === undefined) key = JSON.parse(text.slice(i, end)) as string
        i = end - 1
        break
      }
      case ':':
        if (depth === 1) valueStart ??= i + 1
        break
      case '{':
      case '[':
        depth++
        break
      case '}':
      case ']':
      case ',':
        if (depth === 1 && valueStart !== undefined) {
          if (key === name) found = text.slice(valueStart, i)
          valueStart = undefined
        }
        if (text[i] !== ',') depth--
    }
  }
  return found
}

/** The index after the closing quote of a string. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}
