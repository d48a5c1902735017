// Makes text from outside (keys, event types, error messages) safe to print.
// Invariant: nothing that leaves here can move the cursor, change colours, rename a window, reverse the reading order or stay unseen.

/**
 * What acts on a terminal or does not show: control and format characters (marks of direction, soft hyphens, tags), separators of lines,
 * characters that fonts may ignore (fillers, joiners, variation selectors), the blank braille pattern, and lone surrogates.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\p{Surrogate}]/gu

/** Makes characters visible that would act on a terminal or not show: `\u001b`. Two texts that differ look different. */
export function safeText(text: string): string {
  return text.replace(unseen, escaped)
}

/** Makes the same characters of JSON text visible; the JSON stays the same value. */
export function safeJsonText(json: string): string {
  // Line breaks are the only control characters outside of strings, and JSON has none inside.
  return json.replace(unseen, (character) => (character === '\n' ? character : units(character)))
}

function units(character: string): string {
  return character.length === 1 ? code(character, 0) : `${code(character, 0)}${code(character, 1)}`
}

function code(text: string, at: number): string {
  return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return character.length === 1 ? code(character, 0) : `\\u{${character.codePointAt(0)?.toString(16)}}`
}
