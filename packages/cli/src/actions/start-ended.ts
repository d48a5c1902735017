// How `tidings start` ends: in order, or without what did not end in time.

import type { Terminal } from '../terminal/terminal.ts'
import { dim } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Says that everything has ended in order. */
export function ended(terminal: Terminal, json: boolean): void {
  if (json) terminal.json({ kind: 'ended' }, true)
  else terminal.line(dim('Ended.'))
}

/** Something did not end within its time. */
export function incomplete(): CommandFailure {
  return new CommandFailure(
    'incomplete',
    'What was in progress did not end in time, so the process ends without it.',
    'The log names what it was. It is done again at the next start.',
  )
}
