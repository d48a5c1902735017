// What is known when a message arrives, computed once for all candidates. Invariant: it depends on the memory and the message only.
import type { Memory, Remembered } from './memory.ts'
import { foldNick, mentionsIn, namesIn } from './names.ts'
import { type Wording, wordingOf } from './wording.ts'
import { wordsOf } from './words.ts'

/** A new message. */
export interface HeardMessage {
  readonly messageId: string
  /** The nick of the author at that time. */
  readonly author: string
  readonly text: string
  /** When it was said, in milliseconds since 1970. */
  readonly at: number
  /** Whether it is an action (`/me waves`). */
  readonly action: boolean
}

/** What is known when a message arrives. Places are indexes of the remembered messages; the oldest is 0. */
export interface Situation {
  readonly memory: Memory
  readonly heard: HeardMessage
  /** The folded nick of the speaker. */
  readonly by: string
  /** The nick that the speaker addresses, folded. */
  readonly to: string | undefined
  /** The nicks that the speaker mentions, folded. */
  readonly mentioned: readonly string[]
  readonly wording: Wording
  readonly words: readonly string[]
  /** The speaker's latest message, and its place; -1 if none is remembered. */
  readonly mine: Remembered | undefined
  readonly minePlace: number
  /** The place of the latest call for a bot; -1 if there is none. */
  readonly callPlace: number
  /** The place of the latest message of each conversation. */
  readonly threadEnds: ReadonlyMap<number, number>
  /** The number of remembered messages that have a word. */
  readonly wordCounts: ReadonlyMap<string, number>
}

/** Computes what is known when a message arrives. */
export function situationOf(memory: Memory, heard: HeardMessage): Situation {
  const { messages } = memory
  const by = foldNick(heard.author)
  const known = new Set(messages.map((message) => message.by))
  const { to, mentioned, rest } = heard.action ? mentionsIn(heard.text, known) : namesIn(heard.text, known)
  const minePlace = messages.findLastIndex((message) => message.by === by)
  const wordCounts = new Map<string, number>()
  for (const word of messages.flatMap(({ words }) => words)) wordCounts.set(word, (wordCounts.get(word) ?? 0) + 1)
  return {
    memory,
    heard,
    by,
    to,
    mentioned,
    wording: wordingOf(rest),
    words: wordsOf(rest, known),
    mine: messages[minePlace],
    minePlace,
    callPlace: messages.findLastIndex(({ calls }) => calls === true),
    threadEnds: new Map(messages.map(({ thread }, place) => [thread, place])),
    wordCounts,
  }
}
