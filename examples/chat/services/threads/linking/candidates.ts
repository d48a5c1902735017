// The candidates that a message may answer, with their cues: every remembered message, and none, which starts a conversation.
// Invariant: the candidates depend on the situation only; the latest message is first, the start is last; a cue of 0 is left out.
import type { Remembered } from './memory.ts'
import { isBot } from './names.ts'
import type { Situation } from './situation.ts'
import type { Cue, Weights } from './weights.ts'

/** The cues of a candidate; see `weights` for their meaning. */
export type CueValues = Readonly<Partial<Record<Cue, number>>>

/** Something that a message may answer. */
export interface Candidate {
  /** The id of a message; `undefined`: no message is answered. */
  readonly answers: string | undefined
  readonly cues: CueValues
}

const minuteMs = 60_000
/** More shared words do not count. */
const sharedWordsMax = 2

/** Everything that the new message may answer. */
export function candidatesOf(situation: Situation): readonly Candidate[] {
  const answerable = situation.memory.messages.map((message, place) => ({
    answers: message.id,
    cues: shown({
      ...anyCues(situation, message, place),
      ...(message.by === situation.by ? ownCues(situation, message, place) : othersCues(situation, message, place)),
    }),
  }))
  return [...answerable.reverse(), { answers: undefined, cues: shown(startCues(situation)) }]
}

/** The best candidate under these weights; the first of several equal ones. */
export function choose(candidates: readonly Candidate[], weights: Weights): Candidate | undefined {
  let best: Candidate | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const score = scoreOf(candidate.cues, weights)
    if (score > highest) [best, highest] = [candidate, score]
  }
  return best
}

type Signs = Partial<Record<Cue, number | boolean>>

function anyCues(
  { memory, heard, mine, threadEnds, ...situation }: Situation,
  message: Remembered,
  place: number,
): Signs {
  const ago = memory.messages.length - place
  return {
    distance: Math.log2(ago),
    gap: Math.log2(1 + Math.max(0, heard.at - message.at) / minuteMs),
    latest: ago === 1,
    threadEnd: threadEnds.get(message.thread) === place,
    sameThread: message.thread === mine?.thread,
    words: sharedWords(situation, message),
  }
}

function sharedWords({ words, wordCounts }: Pick<Situation, 'words' | 'wordCounts'>, message: Remembered): number {
  const shared = words.filter((word) => message.words.includes(word))
  const worth = shared.reduce((sum, word) => sum + 1 / Math.sqrt(wordCounts.get(word) ?? 1), 0)
  return Math.min(worth, sharedWordsMax)
}

function ownCues({ memory, minePlace, to }: Situation, message: Remembered, place: number): Signs {
  return {
    ownNewest: place === minePlace,
    ownLatest: place === memory.messages.length - 1,
    ownGreeting: message.greets === true,
    ownSameTo: to !== undefined && message.to === to,
    ownOtherTo: to !== undefined && message.to !== undefined && message.to !== to,
    ownStart: to === undefined && message.starts === true,
  }
}

function othersCues(situation: Situation, message: Remembered, place: number): Signs {
  const { by, to, mentioned, mine, minePlace, callPlace, wording } = situation
  const toMe = message.to === by
  const bot = isBot(by)
  return {
    addressed: message.by === to && !bot,
    otherAddressed: to !== undefined && message.by !== to && !bot,
    mentioned: mentioned.includes(message.by),
    toMe,
    toOther: message.to !== undefined && !toMe,
    partnerOfMe: message.partner === by && !toMe,
    afterMine: mine !== undefined && place > minePlace,
    asks: message.asks === true && !wording.asks,
    botCalled: place === callPlace && bot,
  }
}

function startCues({ to, mentioned, mine, wording }: Situation): Signs {
  return {
    start: true,
    startAsks: wording.asks,
    startGreets: wording.greets,
    startRequests: wording.requests,
    startTo: to !== undefined,
    startMentions: mentioned.length > 0,
    startNew: mine === undefined,
  }
}

const isCue = (name: string, signs: Signs): name is Cue => name in signs

function shown(signs: Signs): CueValues {
  const values: Partial<Record<Cue, number>> = {}
  for (const name in signs) {
    const value = isCue(name, signs) ? Number(signs[name]) : 0
    if (value !== 0 && isCue(name, signs)) values[name] = value
  }
  return values
}

function scoreOf(cues: CueValues, weights: Weights): number {
  let score = 0
  for (const name in cues) if (isCue(name, cues)) score += weights[name] * (cues[name] ?? 0)
  return score
}
