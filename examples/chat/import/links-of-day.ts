// Runs the linker over the lines of a day, one by one, as the service does with events. Invariant: every line has one link.
import { linkMessage } from '../services/threads/linking/link-message.ts'
import { emptyMemory, type Memory } from '../services/threads/linking/memory.ts'
import type { HeardMessage } from '../services/threads/linking/situation.ts'
import { weights as fitted, type Weights } from '../services/threads/linking/weights.ts'
import type { Link } from './annotation.ts'
import type { LogLine } from './log-line.ts'

/** The linker's input for a line: a message or an action; `undefined` for every other line. */
export function heardOf(line: LogLine): HeardMessage | undefined {
  if (line.kind !== 'message' && line.kind !== 'action') return undefined
  const { nick: author, text, at } = line
  return { messageId: String(line.line), author, text, at, action: line.kind === 'action' }
}

/** The links of a day. A line that starts a conversation, and every line that is not a message, is linked to itself. */
export function linksOfDay(lines: readonly LogLine[], weights: Weights = fitted): readonly Link[] {
  let memory: Memory = emptyMemory
  return lines.map((line): Link => {
    const heard = heardOf(line)
    if (heard === undefined) return [line.line, line.line]
    const linked = linkMessage(memory, heard, weights)
    memory = linked.memory
    return [linked.answers === undefined ? line.line : Number(linked.answers), line.line]
  })
}
