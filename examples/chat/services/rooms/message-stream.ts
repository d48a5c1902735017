// Maps a message's private facts to public events. Every event has the room's id, because events are keyed by room.
import { MessageEdited, MessagePosted, MessageReacted, MessageRedacted } from './contract.ts'
import { message } from './message.ts'
import type { MessageState } from './message-state.ts'
import { rooms } from './service.ts'

export const messageStream = rooms.decider(message, {
  publishes: [MessagePosted, MessageEdited, MessageRedacted, MessageReacted],
  announce: {
    posted: (posted, _, { event, meta }) => event(MessagePosted, { messageId: meta.stream, ...posted }),
    edited: ({ text }, state, { event, meta }) => event(MessageEdited, { ...ofMessage(meta.stream, state), text }),
    redacted: (_, state, { event, meta }) => event(MessageRedacted, ofMessage(meta.stream, state)),
    reacted: (reaction, state, { event, meta }) =>
      event(MessageReacted, { messageId: meta.stream, roomId: roomOf(state), ...reaction, on: true }),
    unreacted: (reaction, state, { event, meta }) =>
      event(MessageReacted, { messageId: meta.stream, roomId: roomOf(state), ...reaction, on: false }),
  },
})

// The first fact of a message is always `posted`, so the fallback is never used.
const roomOf = ({ posted }: MessageState): string => posted?.roomId ?? ''

const ofMessage = (messageId: string, state: MessageState) => ({
  messageId,
  roomId: roomOf(state),
  authorId: state.posted?.authorId ?? '',
})
