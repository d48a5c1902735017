// Saying which services do not run or cannot be looked at, and what that means for what was printed.

import type { Operator } from '../system/operator.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dim, joined, yellow } from '../terminal/text.ts'

/** Says on stderr which services do not run; nothing where all do. */
export function noteStopped(terminal: Terminal, operator: Operator, consequence: string): void {
  const { stopped } = operator
  if (stopped.length === 0) return
  terminal.note([yellow('! '), dim('Not running: '), joined(stopped, dim(', ')), dim(`, ${consequence}.`)])
}

/** Says on stderr of which services nothing is known; nothing where all could be asked or opened. */
export function noteUnknown(terminal: Terminal, operator: Operator, consequence: string): void {
  const { unknown } = operator
  if (unknown.length === 0) return
  terminal.note([
    yellow('! '),
    dim('Not answering, or never started: '),
    joined(unknown, dim(', ')),
    dim(`, ${consequence}.`),
  ])
}
