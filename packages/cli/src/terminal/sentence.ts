// A sentence on stderr behind a sign: `✗ …`, `! …`. In a terminal it breaks between words; elsewhere it stays one line, for `grep`.

import type { Terminal } from './terminal.ts'
import { type Text, widthOf, wrapped } from './text.ts'

/** Writes a sentence to stderr; the lines after the first are indented by the width of the sign. */
export function noteSentence(terminal: Terminal, sign: Text, text: Text): void {
  const indent = ' '.repeat(widthOf(sign))
  for (const [index, line] of wrapped(text, terminal.noteWidth - indent.length).entries())
    terminal.note([index === 0 ? sign : indent, line])
}
