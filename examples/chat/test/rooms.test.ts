// `rooms` alone: messages become facts, rows that can be read at once, and events in the order of their room.
import { createSession, given } from '@tidings/testing'
import { deferredEvents } from 'tidings/operations'
import { expect, test } from 'vitest'
import impulses from '../services/impulses/index.ts'
import { MemberChanged, RegisterMember } from '../services/members/contract.ts'
import members from '../services/members/index.ts'
import {
  EditMessage,
  EnterRoom,
  LeaveRoom,
  MessageById,
  MessageEdited,
  MessagePosted,
  MessageReacted,
  MessageRedacted,
  NoticePosted,
  OpenRoom,
  PostMessage,
  PostNotice,
  ReactToMessage,
  RedactMessage,
  RoomEntered,
  RoomLeft,
  RoomList,
  RoomMessages,
  RoomOpened,
} from '../services/rooms/contract.ts'
import rooms from '../services/rooms/index.ts'
import { message } from '../services/rooms/message.ts'
import { room } from '../services/rooms/room.ts'
import threads from '../services/threads/index.ts'

const at = (minute: number) => ({ occurredAt: new Date(Date.UTC(2010, 7, 17, 18, minute)) })
const iso = (minute: number) => at(minute).occurredAt.toISOString()
const joinedAt = iso(0)
const ann = { memberId: 'm1', name: 'ann', timeZone: 'UTC', quietHours: null, joinedAt }
const hello = { messageId: 'a', roomId: 'r1', authorId: 'm1', text: 'Hello.' }
const posted = { ...hello, authorName: 'ann', action: false, attachmentId: null }
const place = 'r1/001282068060000/a/message'
const open = given(rooms)
  .replicas({ members: [ann] })
  .facts(room, 'r1', [['opened', { title: 'Room 1' }]])
const { messageId: _, ...fact } = posted
const said = open.facts(message, 'a', [['posted', fact]])

test('a room is opened once, under one title', async () => {
  await given(rooms)
    .when(OpenRoom, { roomId: 'r1', title: ' Room 1 ' })
    .then({ published: [[RoomOpened, { roomId: 'r1', title: 'Room 1' }]] })
  await open.when(OpenRoom, { roomId: 'r1', title: 'Room 1' }).thenNothing()
  await open.when(OpenRoom, { roomId: 'r1', title: 'Room 2' }).thenRejected('already-open')
})

test('a message has its author’s name at that time', async () => {
  await open.when(PostMessage, hello, at(1)).then({
    published: [[MessagePosted, posted, { key: 'r1', ...at(1) }]],
    facts: [[message, 'a', [['posted', fact]]]],
    // Written with the fact itself, so that the author sees it at once.
    readModels: {
      entries: [{ ...posted, kind: 'message', place, at: iso(1), editedAt: null, redacted: false, reactions: {} }],
      places: [{ messageId: 'a', place }],
    },
  })
  await given(rooms).when(PostMessage, hello).thenRejected('unknown-room')
  await said.when(PostMessage, hello).then({ published: [], facts: [] })
})

test('nobody posts or comes in who is not registered, so nobody who hears of it waits for them', async () => {
  const unknown = { roomId: 'r1', memberId: 'm9' }
  await open.when(PostMessage, { ...hello, authorId: 'm9' }).thenRejected('unknown-member')
  await open.when(EnterRoom, unknown).thenRejected('unknown-member')
  const chat = [members, rooms, threads, impulses]
  await using session = await createSession({ services: chat })
  await session.command(rooms, OpenRoom, { roomId: 'r1', title: 'Room 1' })
  expect(await session.command(rooms, EnterRoom, unknown)).toMatchObject({ accepted: false })
  expect(await session.command(rooms, PostMessage, { ...hello, authorId: 'm9' })).toMatchObject({ accepted: false })
  // Somebody who has just been registered need not wait until the rooms have heard of them.
  await session.command(members, RegisterMember, { memberId: 'm1', name: 'ann' })
  expect(await session.command(rooms, EnterRoom, { roomId: 'r1', memberId: 'm1' })).toMatchObject({ accepted: true })
  expect(await session.command(rooms, PostMessage, hello)).toMatchObject({ accepted: true })
  await session.settled()
  for (const service of chat) expect(deferredEvents(session.runtime(service))).toEqual([])
})

test('each coming and going is recorded, also of a member who is already in the room', async () => {
  const entered = open.facts(room, 'r1', [['entered', { entryId: null, memberId: 'm1' }]])
  await entered.when(EnterRoom, { roomId: 'r1', memberId: 'm1' }, at(2)).then({
    published: [[RoomEntered, { roomId: 'r1', entryId: 'r1.000000000003', memberId: 'm1' }, { key: 'r1', ...at(2) }]],
  })
  await open.when(LeaveRoom, { roomId: 'r1', memberId: 'm1', entryId: 'line-7' }).then({
    published: [[RoomLeft, { roomId: 'r1', entryId: 'line-7', memberId: 'm1' }, { key: 'r1' }]],
  })
  await open.when(PostNotice, { roomId: 'r1', text: '=== netsplit' }).then({
    published: [[NoticePosted, { roomId: 'r1', entryId: 'r1.000000000002', text: '=== netsplit' }, { key: 'r1' }]],
  })
  for (const command of [EnterRoom, LeaveRoom]) {
    await given(rooms).when(command, { roomId: 'r1', memberId: 'm1' }).thenRejected('unknown-room')
  }
  await given(rooms).when(PostNotice, { roomId: 'r1', text: 'x' }).thenRejected('unknown-room')
})

test('edits, reactions and redactions are published in the order of the room', async () => {
  const of = { messageId: 'a', roomId: 'r1' }
  await said
    .when(EditMessage, { messageId: 'a', memberId: 'm1', text: 'Hi.' })
    .then({ published: [[MessageEdited, { ...of, authorId: 'm1', text: 'Hi.' }, { key: 'r1' }]] })
  await said
    .when(ReactToMessage, { messageId: 'a', memberId: 'm2', emoji: '❤️', on: true })
    .then({ published: [[MessageReacted, { ...of, memberId: 'm2', emoji: '❤️', on: true }, { key: 'r1' }]] })
  await said
    .when(RedactMessage, { messageId: 'a', memberId: 'm1' })
    .then({ published: [[MessageRedacted, { ...of, authorId: 'm1' }, { key: 'r1' }]] })
})

test.each([
  ['no text and no attachment', { text: '' }],
  ['4,001 characters', { text: 'x'.repeat(4_001) }],
  ['4,001 emoji', { text: '🐎'.repeat(4_001) }],
  ['a NUL', { text: 'a\u0000b' }],
  ['half a character', { text: 'a\ud83d' }],
  ['an id that would break a key', { messageId: 'a/b' }],
])('the service refuses a message with %s', async (_, wrong) => {
  await open.when(PostMessage, { ...hello, ...wrong }).thenFails('INVALID_PAYLOAD')
})

test.each([
  ['HTML', '<img src=x onerror=alert(1)> &amp; </script>'],
  ['direction marks', '\u202Eevil\u202C \u2066left\u2069'],
  ['control characters of IRC', '\u0002bold\u0002 \u000304red\u0003'],
  ['4,000 emoji', '🐎'.repeat(4_000)],
  ['spaces and line ends', '  \n\n  indented\t'],
  ['quotes', `'; DROP TABLE entries; -- " \\`],
])('a message of %s is kept exactly', async (_, text) => {
  await open.when(PostMessage, { ...hello, text }, at(1)).then({ published: [[MessagePosted, { ...posted, text }]] })
})

test('a message with an attachment needs no text', async () => {
  await open
    .when(PostMessage, { ...hello, text: '', attachmentId: 'f1' })
    .then({ published: [[MessagePosted, { ...posted, text: '', attachmentId: 'f1' }]] })
})

test('the text of a redacted message is in no row', async () => {
  // Facts that are given occurred at the test kit's own time.
  const then = '2026-01-01T00:00:00.000Z'
  const place = `r1/${String(Date.parse(then)).padStart(15, '0')}/a/message`
  const row = { ...posted, kind: 'message', place, at: then, editedAt: then } as const
  const facts = [
    ['posted', { ...fact, text: 'My password is hunter2', attachmentId: 'f1' }],
    ['edited', { text: 'My password was hunter2' }],
    ['reacted', { emoji: '👍', memberId: 'm2' }],
  ] as const
  const text = 'My password was hunter2'
  await given(rooms, 'entries')
    .facts(message, 'a', [...facts])
    .then({ entries: [{ ...row, text, attachmentId: 'f1', redacted: false, reactions: { '👍': ['m2'] } }] })
  await given(rooms, 'entries')
    .facts(message, 'a', [...facts, ['redacted', {}]])
    .then({ entries: [{ ...row, text: '', redacted: true, reactions: {} }], places: [{ messageId: 'a', place }] })
})

test('a room is read backwards from its end, with all entries', async () => {
  await using session = await createSession({ services: [rooms] })
  await session.publish(MemberChanged, ann)
  await session.settled()
  const say = (messageId: string, minute: number) =>
    session.command(rooms, PostMessage, { ...hello, messageId, text: messageId }, at(minute))
  await session.command(rooms, OpenRoom, { roomId: 'r1', title: 'Room 1' }, at(0))
  await session.command(rooms, OpenRoom, { roomId: 'r1-b', title: 'Its neighbour' }, at(0))
  await say('b', 2)
  await session.command(rooms, EnterRoom, { roomId: 'r1', memberId: 'm1' }, at(1))
  await say('a', 2)
  await session.command(rooms, PostMessage, { ...hello, messageId: 'x', roomId: 'r1-b' }, at(2))
  await say('c', 9)

  const newest = await session.query(RoomMessages, { roomId: 'r1', limit: 3 })
  const ids = (entries: typeof newest) =>
    entries?.map((entry) => (entry.kind === 'message' ? entry.messageId : entry.kind))
  expect(ids(newest)).toEqual(['a', 'b', 'c'])
  expect(ids(await session.query(RoomMessages, { roomId: 'r1', before: newest?.[0]?.place ?? '' }))).toEqual([
    'entered',
  ])
  expect(await session.query(RoomMessages, { roomId: 'r2' })).toEqual([])
  expect(await session.query(MessageById, { messageId: 'c' })).toMatchObject({ authorName: 'ann', at: iso(9) })
  expect(await session.query(MessageById, { messageId: 'd' })).toBeUndefined()

  await session.settled()
  expect(await session.query(RoomList, {})).toEqual([
    { roomId: 'r1', title: 'Room 1', openedAt: iso(0), lastMessageAt: iso(9), messages: 3 },
    { roomId: 'r1-b', title: 'Its neighbour', openedAt: iso(0), lastMessageAt: iso(2), messages: 1 },
  ])
})

test('a sender sees their message in the next query, and a command that is sent again with its key has one effect', async () => {
  await using session = await createSession({ services: [rooms] })
  await session.publish(MemberChanged, ann)
  await session.command(rooms, OpenRoom, { roomId: 'r1', title: 'Room 1' })
  const enter = () =>
    session.command(rooms, EnterRoom, { roomId: 'r1', memberId: 'm1' }, { ...at(1), idempotencyKey: 'line-1' })
  await enter()
  await enter()
  await session.command(rooms, PostMessage, hello, at(2))
  const other = await session.command(rooms, PostMessage, { ...hello, text: 'Another.' }, at(3))
  expect(other).toMatchObject({ accepted: false, rejection: { code: 'already-posted' } })
  expect(await session.query(RoomMessages, { roomId: 'r1' })).toMatchObject([{ kind: 'entered' }, { text: 'Hello.' }])
  // Rows that are written in the same commit as the facts are always there; rows that are written later may be there too.
  expect(rooms.projections.map(({ name, mode }) => [name, mode])).toContainEqual(['entries', 'inline'])
})
