// Makes text from outside (keys, event types, error messages) safe to print.
// Invariant: nothing that leaves here can move the cursor, change colours, rename a window or reverse the reading order.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is made visible here
const control = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** Makes control characters, marks of direction and lone surrogates visible: `\u001b`. */
export function safeText(text: string): string {
  const visible = text.replace(control, escaped)
  return visible.isWellFormed() ? visible : visible.replace(/\p{Surrogate}/gu, escaped)
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
