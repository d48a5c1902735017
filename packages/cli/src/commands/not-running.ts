// Saying which services do not run, and what that means for what was printed.

import type { Operator } from '../system/operator.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dim, joined, yellow } from '../terminal/text.ts'

/** Says on stderr which services do not run; nothing where all do. */
export function noteStopped(terminal: Terminal, operator: Operator, consequence: string): void {
  const { stopped } = operator
  if (stopped.length === 0) return
  terminal.note([yellow('! '), dim('Not running: '), joined(stopped, dim(', ')), dim(`, ${consequence}.`)])
}
