// What the linker remembers: the latest messages, each with the properties that the cues need, without its text. Plain JSON that is never
// changed in place. Invariant: at most `messagesMax` messages and `memoryLengthMax` characters of JSON; the oldest are removed first.

/** A message that may still be answered. Nicks are folded; false and unknown properties are left out. */
export interface Remembered {
  readonly id: string
  readonly by: string
  /** When it was said, in milliseconds since 1970. */
  readonly at: number
  /** The person it is addressed to. */
  readonly to?: string
  /** The person its author talks with: the addressed one, or the author of the message it answers. */
  readonly partner?: string
  /** The number of its conversation; numbers of forgotten conversations are used again. */
  readonly thread: number
  /** It starts its conversation. */
  readonly starts?: true
  /** It ends in a question mark. */
  readonly asks?: true
  readonly greets?: true
  /** It calls a bot. */
  readonly calls?: true
  /** Its significant words, see `wordsOf`. */
  readonly words: readonly string[]
}

/** What the linker remembers. */
export interface Memory {
  /** The latest messages, oldest first. */
  readonly messages: readonly Remembered[]
}

/** The memory before the first message. */
export const emptyMemory: Memory = { messages: [] }

/** The most messages that are remembered. On the annotated days, 99 of 100 answers are to one of them. */
export const messagesMax = 80

/** The most characters of the memory as JSON. */
export const memoryLengthMax = 16_384

/** The memory with one more message; the oldest are removed to stay within the limits. */
export function remember(memory: Memory, message: Remembered): Memory {
  const messages = [...memory.messages, message].slice(-messagesMax)
  let length = JSON.stringify({ messages }).length
  let gone = 0
  for (const oldest of messages) {
    if (length <= memoryLengthMax) break
    length -= JSON.stringify(oldest).length + 1
    gone++
  }
  return { messages: messages.slice(gone) }
}
