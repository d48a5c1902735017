// The text of one member of a JSON object, exactly as it stands there. Parsing and writing again would lose duplicate members,
// their order and digits of numbers, and cannot write what is nested some thousand levels deep.

/**
 * The text of a member's value; the last one's where there are several, as `JSON.parse` has it.
 *
 * @param text - a JSON object; anything else is a bug of the caller, since this only looks for where values begin and end.
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

/** The index behind the closing quote of a string. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}
