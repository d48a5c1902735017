// Notes on stderr about services that do not run or are unavailable, and what that means for the output.

import type { Operator } from '../system/operator.ts'
import { noteSentence } from '../terminal/sentence.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { dim, joined, yellow } from '../terminal/text.ts'

/** Notes which services do not run; prints nothing if all of them do. */
export function noteStopped(terminal: Terminal, operator: Operator, consequence: string): void {
  noteServices(terminal, 'Not running: ', operator.stopped, consequence)
}

/** Notes which services are unavailable; prints nothing if none is. */
export function noteUnavailable(terminal: Terminal, operator: Operator, consequence: string): void {
  noteServices(terminal, 'Never started, or not answering: ', operator.unavailable, consequence)
}

function noteServices(terminal: Terminal, what: string, services: readonly string[], consequence: string): void {
  if (services.length === 0) return
  noteSentence(terminal, yellow('! '), [dim(what), joined(services, dim(', ')), dim(`. ${consequence}`)])
}
