// Finds which message a new message answers, from a small memory. Invariant: nothing is changed in place, and the same memory, message and
// weights give the same result.
import { candidatesOf, choose } from './candidates.ts'
import { type Memory, type Remembered, remember } from './memory.ts'
import { type HeardMessage, type Situation, situationOf } from './situation.ts'
import { weights as fitted, type Weights } from './weights.ts'

/** The result for a message. */
export interface Linked {
  /** The new memory. */
  readonly memory: Memory
  /** The id of the message that it answers or continues; `undefined`: it starts a conversation. */
  readonly answers: string | undefined
}

/** Links a message to the one it answers, and remembers it. */
export function linkMessage(memory: Memory, heard: HeardMessage, weights: Weights = fitted): Linked {
  const situation = situationOf(memory, heard)
  const answers = choose(candidatesOf(situation), weights)?.answers
  return { memory: remember(memory, remembered(situation, answers)), answers }
}

/** What is remembered of a message, when it is known which one it answers. */
export function remembered(
  { memory, heard, by, to, wording, words }: Situation,
  answers: string | undefined,
): Remembered {
  const answered = memory.messages.findLast(({ id }) => id === answers)
  const partner = to ?? (answered?.by === by ? answered.partner : answered?.by)
  return {
    id: heard.messageId,
    by,
    at: heard.at,
    ...(to === undefined ? {} : { to }),
    ...(partner === undefined ? {} : { partner }),
    thread: answered?.thread ?? freeThread(memory),
    ...(answered === undefined ? { starts: true } : {}),
    ...(wording.asks ? { asks: true } : {}),
    ...(wording.greets ? { greets: true } : {}),
    ...(wording.calls ? { calls: true } : {}),
    words,
  }
}

const freeThread = ({ messages }: Memory): number =>
  1 + messages.reduce((most, { thread }) => Math.max(most, thread), 0)
