// The decider of a message: it is posted once, and only its author may edit or redact it. The same reaction again changes nothing.
import { type DecideTools, type Decision, defineDecider, fact } from 'tidings'
import { z } from 'zod'
import { EditMessage, ReactToMessage, RedactMessage } from './contract.ts'
import {
  countReactions,
  type MessageState,
  reactionCountMax,
  unknownMessage,
  withoutReaction,
  withReaction,
} from './message-state.ts'
import { RecordMessage } from './record-message.ts'

const reaction = z.object({ emoji: z.string(), memberId: z.string() })

const facts = {
  posted: fact(
    z.object({
      roomId: z.string(),
      authorId: z.string(),
      authorName: z.string(),
      text: z.string(),
      action: z.boolean(),
      attachmentId: z.string().nullable(),
    }),
  ),
  edited: fact(z.object({ text: z.string() })),
  redacted: fact(z.object({})),
  reacted: fact(reaction),
  unreacted: fact(reaction),
}

type Tools = DecideTools<typeof facts>
type Posted = NonNullable<MessageState['posted']>

export const message = defineDecider('message', {
  commands: { RecordMessage, EditMessage, RedactMessage, ReactToMessage },
  facts,
  initialState: (): MessageState => unknownMessage,
  decide: {
    RecordMessage: ({ messageId, ...message }, state, { facts, reject }) => {
      if (state.posted === null) return facts.posted(message)
      return isSame(state, state.posted, message)
        ? undefined
        : reject('already-posted', `Message ${messageId} was already posted with other data.`)
    },
    EditMessage: ({ messageId, memberId, text }, state, tools) =>
      ofAuthor(messageId, memberId, state, tools, (posted) => {
        if (state.redacted) return tools.reject('redacted', 'This message was taken back.')
        if (text === '' && posted.attachmentId === null)
          return tools.reject('empty-message', 'A message cannot be empty; take it back instead.')
        return posted.text === text ? undefined : tools.facts.edited({ text })
      }),
    RedactMessage: ({ messageId, memberId }, state, tools) =>
      ofAuthor(messageId, memberId, state, tools, () => (state.redacted ? undefined : tools.facts.redacted({}))),
    ReactToMessage: ({ messageId, memberId, emoji, on }, { posted, redacted, reactions }, { facts, reject }) => {
      if (posted === null) return reject(...unknown(messageId))
      if (redacted) return reject('redacted', 'This message was taken back.')
      if (on === (reactions[emoji]?.includes(memberId) ?? false)) return undefined
      if (!on) return facts.unreacted({ emoji, memberId })
      return countReactions(reactions) < reactionCountMax
        ? facts.reacted({ emoji, memberId })
        : reject('too-many-reactions', `A message has at most ${reactionCountMax} reactions.`)
    },
  },
  evolve: {
    posted: (state, { authorName: _, ...posted }) => ({ ...state, posted }),
    edited: (state, { text }) => ({ ...withText(state, text), edited: true }),
    redacted: (state) => ({ ...withText(state, ''), redacted: true, reactions: {} }),
    reacted: (state, { emoji, memberId }) => ({ ...state, reactions: withReaction(state.reactions, emoji, memberId) }),
    unreacted: (state, { emoji, memberId }) => ({
      ...state,
      reactions: withoutReaction(state.reactions, emoji, memberId),
    }),
  },
  snapshot: { every: 100, version: 1 },
})

const unknown = (messageId: string) => ['unknown-message', `There is no message ${messageId}.`] as const

function ofAuthor(
  messageId: string,
  memberId: string,
  { posted }: MessageState,
  { reject }: Tools,
  decide: (posted: Posted) => Decision,
): Decision {
  if (posted === null) return reject(...unknown(messageId))
  return posted.authorId === memberId
    ? decide(posted)
    : reject('not-author', 'Only its author can change or take back a message.')
}

// The text is not compared if it was edited or redacted since: a late repetition has the original text.
function isSame({ edited, redacted }: MessageState, posted: Posted, message: Posted): boolean {
  const isSameText = edited || redacted || posted.text === message.text
  return (
    (['roomId', 'authorId', 'action', 'attachmentId'] as const).every((name) => posted[name] === message[name]) &&
    isSameText
  )
}

function withText(state: MessageState, text: string): MessageState {
  return state.posted === null ? state : { ...state, posted: { ...state.posted, text } }
}
