// How much each cue counts for a candidate, or against it if negative. A candidate's score is the sum of these, and the highest one wins, so
// only differences matter. Invariant: fitted by `fit/main.ts` on all annotated days and rounded to tenths.

/** The cues and their weights. */
export const weights = {
  // Every message that may be answered.
  /** The base-2 logarithm of how many messages ago it was said; the latest is 1 ago. */
  distance: -0.7,
  /** The base-2 logarithm of the minutes since, plus one. */
  gap: -0.6,
  /** It is the latest message. */
  latest: -1.2,
  /** It is the latest message of its conversation. */
  threadEnd: 0.6,
  /** It belongs to the conversation in which the speaker last spoke. */
  sameThread: 1.7,
  /** Shared significant words: each counts 1 divided by the square root of the number of remembered messages that have it; 2 at most. */
  words: 1.9,

  // The speaker's own messages: the speaker continues.
  /** It is the speaker's latest. */
  ownNewest: 1.9,
  /** It is the speaker's, and nobody has spoken since. */
  ownLatest: 0.9,
  /** It only greeted. */
  ownGreeting: -2.1,
  /** It is addressed to the person whom the speaker addresses now. */
  ownSameTo: 3.2,
  /** It is addressed to another person than the speaker addresses now. */
  ownOtherTo: -2.5,
  /** It started its conversation, and the speaker addresses nobody now. */
  ownStart: 1,

  // Messages of others: the speaker answers.
  /** Its author is the person whom the speaker addresses. */
  addressed: 3.8,
  /** The speaker addresses somebody else. */
  otherAddressed: -1.6,
  /** The speaker mentions its author. */
  mentioned: 3.2,
  /** It is addressed to the speaker. */
  toMe: 1.6,
  /** It is addressed to somebody else. */
  toOther: -1.3,
  /** It is addressed to nobody, and its author talks with the speaker. */
  partnerOfMe: 0.8,
  /** It was said after the speaker's latest message. */
  afterMine: 1.4,
  /** It asks, and the speaker doesn't. */
  asks: 0.5,
  /** It is the latest call for a bot, and the speaker is one. */
  botCalled: 4.1,

  // No message is answered: a conversation starts.
  /** Always. */
  start: 0.2,
  /** The speaker asks. */
  startAsks: 0.6,
  /** The speaker greets. */
  startGreets: 1.5,
  /** The speaker asks everybody, or describes a problem. */
  startRequests: 1.9,
  /** The speaker addresses somebody. */
  startTo: -2.9,
  /** The speaker mentions somebody. */
  startMentions: -1.1,
  /** No message of the speaker is remembered. */
  startNew: 1.3,
}

/** The name of a cue. */
export type Cue = keyof typeof weights

/** A weight for each cue. */
export type Weights = Readonly<Record<Cue, number>>
