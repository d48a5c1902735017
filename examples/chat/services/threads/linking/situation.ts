// What is known when a message is heard, worked out once for all candidates. Invariant: follows from the memory and the message.
import type { Memory, Remembered } from './memory.ts'
import { foldNick, mentionsIn, namesIn } from './names.ts'
import { type Wording, wordingOf } from './wording.ts'
import { wordsOf } from './words.ts'

/** A message as it is heard. */
export interface HeardMessage {
  readonly messageId: string
  /** The nick of the author at that time. */
  readonly author: string
  readonly text: string
  /** When it was said, in milliseconds since 1970. */
  readonly at: number
  /** What somebody does (`/me waves`) instead of says. */
  readonly action: boolean
}

/** What is known when a message is heard. Places count the remembered messages from 0, the oldest. */
export interface Situation {
  readonly memory: Memory
  readonly heard: HeardMessage
  /** The folded nick of the speaker. */
  readonly by: string
  /** Whom the speaker addresses, folded. */
  readonly to: string | undefined
  /** Whom the speaker mentions, folded. */
  readonly mentioned: readonly string[]
  readonly wording: Wording
  readonly words: readonly string[]
  /** The speaker's latest message, and its place; -1 where none is remembered. */
  readonly mine: Remembered | undefined
  readonly minePlace: number
  /** The place of the latest call for a bot, -1 where there is none. */
  readonly callPlace: number
  /** The place of the latest message of each conversation. */
  readonly threadEnds: ReadonlyMap<number, number>
  /** How many remembered messages have a word. */
  readonly wordCounts: ReadonlyMap<string, number>
}

/** Works out what is known when a message is heard. */
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
