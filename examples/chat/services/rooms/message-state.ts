// The state of a message, computed from its history. Invariant: the state of a redacted message does not contain its text.

/** The most reactions of a message, all emoji together. */
export const reactionCountMax = 1_000

/** The members who reacted, by emoji, in the order of their reactions. An emoji without members is removed. */
export type Reactions = Readonly<Record<string, readonly string[]>>

/** The state of a message. */
export interface MessageState {
  readonly posted: {
    readonly roomId: string
    readonly authorId: string
    readonly text: string
    readonly action: boolean
    readonly attachmentId: string | null
  } | null
  /** Whether its text was edited. */
  readonly edited: boolean
  readonly redacted: boolean
  readonly reactions: Reactions
}

/** A message that was never posted. */
export const unknownMessage: MessageState = { posted: null, edited: false, redacted: false, reactions: {} }

/** The reactions with one more; the same reaction again changes nothing. */
export function withReaction(reactions: Reactions, emoji: string, memberId: string): Reactions {
  const members = reactions[emoji] ?? []
  return members.includes(memberId) ? reactions : { ...reactions, [emoji]: [...members, memberId] }
}

/** The reactions without one. */
export function withoutReaction(reactions: Reactions, emoji: string, memberId: string): Reactions {
  const { [emoji]: members = [], ...others } = reactions
  const left = members.filter((each) => each !== memberId)
  return left.length === 0 ? others : { ...reactions, [emoji]: left }
}

/** The number of reactions, all emoji together. */
export function countReactions(reactions: Reactions): number {
  return Object.values(reactions).reduce((sum, members) => sum + members.length, 0)
}
