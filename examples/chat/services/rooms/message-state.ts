// What a message's history comes to. Invariant: nothing of what a redacted message said is left in its state.

/** The most reactions of a message, all emoji together. */
export const reactionCountMax = 1_000

/** Who put which emoji to a message, in the order they did. An emoji that nobody puts to it any more is gone. */
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
  /** Whether its text is another than it was posted with. */
  readonly edited: boolean
  readonly redacted: boolean
  readonly reactions: Reactions
}

/** A message that was never posted. */
export const unknownMessage: MessageState = { posted: null, edited: false, redacted: false, reactions: {} }

/** The reactions with one more; the same again changes nothing. */
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

/** How many reactions there are, all emoji together. */
export function countReactions(reactions: Reactions): number {
  return Object.values(reactions).reduce((sum, members) => sum + members.length, 0)
}
