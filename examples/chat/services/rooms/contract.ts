// The contract of `rooms`: what is said and done in each room.
// Invariant: every event is keyed by its room, so that subscribers get the events of a room in order.
import { defineCommand, defineEvent, defineLiveQuery, defineQuery } from 'tidings'
import { z } from 'zod'
import { Id, Moment, Name, Text } from '../words.ts'

const OfRoom = z.object({ roomId: Id })
const OfMessage = OfRoom.extend({ messageId: Id, authorId: Id })
const Entry = OfRoom.extend({
  /** The id of the entry, given by the sender or derived; unique within the room. */
  entryId: Id,
})

/** One emoji as people count them: `👍`, `👩🏽‍🚀`, `🇪🇺`. */
export const Emoji = z
  .string()
  .max(64)
  .regex(/^\p{RGI_Emoji}$/v, 'a reaction is one emoji')

const owner = { owner: 'rooms', pattern: 'event-sourcing' } as const
const inRoom = (event: { readonly roomId: string }) => event.roomId

/** A room was opened. */
export const RoomOpened = defineEvent('chat.room-opened', owner)
  .version(1, OfRoom.extend({ title: Name }))
  .key(inRoom)

/** A member came in. A member who is in the room may come in again, in another window or a line of a log. */
export const RoomEntered = defineEvent('chat.room-entered', owner)
  .version(1, Entry.extend({ memberId: Id }))
  .key(inRoom)

/** A member left. */
export const RoomLeft = defineEvent('chat.room-left', owner)
  .version(1, Entry.extend({ memberId: Id }))
  .key(inRoom)

/** A text that no member said, such as a line of a log. */
export const NoticePosted = defineEvent('chat.notice-posted', owner)
  .version(1, Entry.extend({ text: Text }))
  .key(inRoom)

/** A member said something, or did: `action` is IRC's "/me". The name is the author's at that time. */
export const MessagePosted = defineEvent('chat.message-posted', owner)
  .version(1, OfMessage.extend({ authorName: Name, text: Text, action: z.boolean(), attachmentId: Id.nullable() }))
  .key(inRoom)

/** The author changed a message's text. */
export const MessageEdited = defineEvent('chat.message-edited', owner)
  .version(1, OfMessage.extend({ text: Text }))
  .key(inRoom)

/** The author redacted a message. Subscribers should forget its text. */
export const MessageRedacted = defineEvent('chat.message-redacted', owner).version(1, OfMessage).key(inRoom)

/** A member reacted to a message with an emoji, or removed the reaction. */
export const MessageReacted = defineEvent('chat.message-reacted', owner)
  .version(1, OfRoom.extend({ messageId: Id, memberId: Id, emoji: z.string(), on: z.boolean() }))
  .key(inRoom)

const ofRoom = (command: { readonly roomId: string }) => command.roomId
const ofMessage = (command: { readonly messageId: string }) => command.messageId

/** Opens a room. The same input again changes nothing. Rejects another title: `already-open`. */
export const OpenRoom = defineCommand('open-room', { expose: true, input: OfRoom.extend({ title: Name }), key: ofRoom })

const EntryOf = OfRoom.extend({
  /** The sender's id of the entry, if it has one. Ids of the same moment should sort in the order of the entries. */
  entryId: Id.optional(),
})

/** Records that a member came in; each time is a separate event. Rejects `unknown-room`, `unknown-member`. */
export const EnterRoom = defineCommand('enter-room', {
  expose: true,
  input: EntryOf.extend({ memberId: Id }),
  key: ofRoom,
})

/** Records that a member left; each time is a separate event. Rejects `unknown-room`. */
export const LeaveRoom = defineCommand('leave-room', {
  expose: true,
  input: EntryOf.extend({ memberId: Id }),
  key: ofRoom,
})

/** Posts a text that no member said. Internal: only an import posts them. Rejects `unknown-room`. */
export const PostNotice = defineCommand('post-notice', { input: EntryOf.extend({ text: Text }), key: ofRoom })

const Posting = z.object({
  /** Given by the sender, so that sending again posts once. Ids of the same moment should sort in the order of the messages. */
  messageId: Id,
  roomId: Id,
  authorId: Id,
  /** May be empty if there is an attachment. */
  text: Text,
  action: z.boolean().default(false),
  attachmentId: Id.nullable().default(null),
})

/** Posts a message. Rejects `unknown-room`, `unknown-member`, and `already-posted` if the id was used for another message. */
export const PostMessage = defineCommand('post-message', {
  expose: true,
  input: Posting.refine(({ text, attachmentId }) => text !== '' || attachmentId !== null, {
    path: ['text'],
    message: 'a message has a text of at least 1 character, or an attachment',
  }),
  key: ofMessage,
})

/** Changes the text of a message; only its author may. Rejects `unknown-message`, `not-author`, `redacted`, `empty-message`. */
export const EditMessage = defineCommand('edit-message', {
  expose: true,
  input: z.object({ messageId: Id, memberId: Id, text: Text }),
  key: ofMessage,
})

/** Redacts a message; only its author may. A second time changes nothing. Rejects `unknown-message`, `not-author`. */
export const RedactMessage = defineCommand('redact-message', {
  expose: true,
  input: z.object({ messageId: Id, memberId: Id }),
  key: ofMessage,
})

/** Reacts to a message with an emoji (`on`), or removes the reaction. Rejects `unknown-message`, `redacted`, `too-many-reactions`. */
export const ReactToMessage = defineCommand('react-to-message', {
  expose: true,
  input: z.object({ messageId: Id, memberId: Id, emoji: Emoji, on: z.boolean() }),
  key: ofMessage,
})

const Place = z.string().regex(/^[A-Za-z0-9_./-]{1,256}$/, 'a place is taken from an entry')

const EntryView = z.object({
  /** Its position; sorts by time within the room. `room-messages` takes it as `before`. */
  place: Place,
  roomId: Id,
  at: Moment,
})

/** A message as it is now. */
export const MessageView = EntryView.extend({
  kind: z.literal('message'),
  messageId: Id,
  authorId: Id,
  /** The author's name when they posted it. */
  authorName: z.string(),
  /** Empty if it was redacted. */
  text: z.string(),
  action: z.boolean(),
  attachmentId: Id.nullable(),
  editedAt: Moment.nullable(),
  redacted: z.boolean(),
  /** The members who reacted, by emoji, in the order of their reactions. */
  reactions: z.record(z.string(), z.array(Id)),
})

/** An entry of a room. */
export const RoomEntry = z.discriminatedUnion('kind', [
  MessageView,
  EntryView.extend({ kind: z.enum(['entered', 'left']), entryId: Id, memberId: Id }),
  EntryView.extend({ kind: z.literal('notice'), entryId: Id, text: z.string() }),
])

/** The type of an entry. */
export type RoomEntry = z.infer<typeof RoomEntry>

/** A room as it is now. */
export const RoomView = z.object({
  roomId: Id,
  title: z.string(),
  openedAt: Moment,
  lastMessageAt: Moment.nullable(),
  messages: z.int().nonnegative(),
})

/** All rooms in the order of their ids. May be slightly behind the messages. */
export const RoomList = defineQuery('room-list', {
  owner: 'rooms',
  expose: true,
  input: z.object({}),
  output: z.array(RoomView),
})

/** The newest entries of a room, or those before a place; the newest is last. A sender sees their own message at once. */
export const RoomMessages = defineQuery('room-messages', {
  owner: 'rooms',
  expose: true,
  input: z.object({
    roomId: Id,
    /** The `place` of an entry: returns the entries before it. */
    before: Place.optional(),
    limit: z.int().min(1).max(500).default(50),
  }),
  output: z.array(RoomEntry),
})

/** One message. */
export const MessageById = defineQuery('message-by-id', {
  owner: 'rooms',
  expose: true,
  input: z.object({ messageId: Id }),
  output: MessageView,
})

/** The entries of a room, live: the newest 100 and every change. */
export const RoomEntries = defineLiveQuery('room-entries', {
  owner: 'rooms',
  expose: true,
  input: OfRoom,
  row: RoomEntry,
})

/** All rooms, live. */
export const Rooms = defineLiveQuery('rooms', { owner: 'rooms', expose: true, input: z.object({}), row: RoomView })
