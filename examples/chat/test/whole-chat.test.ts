// All services together: from commands to the results in other services, even if some are down meanwhile.
import { createSession, inSession, type Session } from '@tidings/testing'
import { expect, test } from 'vitest'
import { AddAttachment, AttachmentById } from '../services/attachments/contract.ts'
import { chatServices } from '../services/index.ts'
import { BusiestHours, ChatSummary, DaySummary, OpenQuestions, TopHelpers } from '../services/insights/contract.ts'
import { RegisterMember, RenameMember } from '../services/members/contract.ts'
import {
  EnterRoom,
  MessagePosted,
  OpenRoom,
  PostMessage,
  RedactMessage,
  RoomMessages,
} from '../services/rooms/contract.ts'
import { LinksOfRoom } from '../services/threads/contract.ts'

const at = (minute: number) => ({ occurredAt: new Date(Date.UTC(2010, 7, 17, 18, minute)) })
const day = '2010-08-17'

const say = (session: Session, messageId: string, authorId: string, text: string, minute: number) =>
  session.command('rooms', PostMessage, { messageId, roomId: 'r1', authorId, text }, at(minute))

async function open(session: Session) {
  for (const name of ['ann', 'bob']) {
    await session.command('members', RegisterMember, { memberId: `id-${name}`, name }, at(0))
  }
  await session.command('rooms', OpenRoom, { roomId: 'r1', title: 'Room 1' }, at(0))
  await session.command('rooms', EnterRoom, { roomId: 'r1', memberId: 'id-ann' }, at(0))
  await session.settled()
}

test('questions, answers and redactions are linked and counted', async () => {
  await using session = await createSession({ services: chatServices })
  await open(session)
  await say(session, 'a', 'id-ann', 'How do I mount an NTFS partition?', 1)
  await say(session, 'b', 'id-bob', 'ann: install ntfs-3g', 3)
  await say(session, 'c', 'id-bob', 'Does anyone know a good editor?', 4)
  await say(session, 'd', 'id-bob', 'What did I want?', 30)
  await session.command('rooms', RedactMessage, { messageId: 'd', memberId: 'id-bob' }, at(31))
  await session.settled()
  expect(session.deferred()).toEqual([])
  expect((await session.query(LinksOfRoom, { roomId: 'r1' }))?.slice(0, 2)).toEqual([
    [null, 'a'],
    ['a', 'b'],
  ])
  expect(await session.query(DaySummary, { day })).toMatchObject({
    ...{ messages: 4, joins: 1, members: 2, questions: 2, answered: 1, medianSecondsToFirstAnswer: 120 },
  })
  expect(await session.query(OpenQuestions, {})).toMatchObject([{ messageId: 'c' }])
  expect(await session.query(TopHelpers, {})).toEqual([{ memberId: 'id-bob', name: 'bob', answers: 1 }])
})

test('a renamed member stays the same member, and messages keep the name of their time', async () => {
  await using session = await createSession({ services: chatServices })
  await open(session)
  await say(session, 'a', 'id-ann', 'Hello.', 1)
  await session.command('members', RenameMember, { memberId: 'id-ann', name: 'anna' }, at(2))
  await session.settled()
  await say(session, 'b', 'id-ann', 'It is me.', 3)
  await session.settled()
  expect(await session.query(RoomMessages, { roomId: 'r1', limit: 2 })).toMatchObject([
    { authorId: 'id-ann', authorName: 'ann' },
    { authorId: 'id-ann', authorName: 'anna' },
  ])
  expect(await session.query(ChatSummary, {})).toMatchObject({ renames: 1, members: 1 })
})

test('people go on chatting while all other services are down; everything is linked and counted afterwards', async () => {
  await using session = await createSession({ services: chatServices })
  await open(session)
  const others = ['members', 'attachments', 'moderation', 'threads', 'insights']
  for (const service of others) await session.stop(service)
  expect(await say(session, 'a', 'id-ann', 'Anybody there?', 1)).toMatchObject({ accepted: true })
  expect(await session.query(RoomMessages, { roomId: 'r1', limit: 1 })).toMatchObject([{ authorName: 'ann' }])
  for (const service of others) await session.start(service)
  await session.settled()
  expect(await session.query(ChatSummary, {})).toMatchObject({ messages: 1, questions: 1 })
})

test('a file is shown after moderation has judged it', async () => {
  await using session = await createSession({ services: chatServices })
  await open(session)
  const file = { attachmentId: 'f1', roomId: 'r1', memberId: 'id-ann', fileName: 'notes.txt', mediaType: 'text/plain' }
  await session.command('attachments', AddAttachment, { ...file, content: Buffer.from('Hi.').toString('base64') })
  const message = { messageId: 'a', roomId: 'r1', authorId: 'id-ann', text: '', attachmentId: 'f1' }
  expect(await session.command('rooms', PostMessage, message)).toMatchObject({ accepted: true })
  await session.settled()
  expect(await session.query(AttachmentById, { attachmentId: 'f1' })).toMatchObject({
    verdict: 'allowed',
    content: 'SGku',
  })
})

test('many concurrent messages are all handled, in one order', () =>
  inSession({ services: chatServices }, async (session) => {
    await open(session)
    const texts = Array.from({ length: 40 }, (_, index) => index)
    await session.drive(
      Promise.all(
        texts.map((index) => say(session, `m${index}`, index % 2 === 0 ? 'id-ann' : 'id-bob', 'Well?', index)),
      ),
    )
    await session.settled()
    const posted = (await session.published(MessagePosted)).map(({ data }) => data?.messageId)
    expect(new Set(posted).size).toBe(40)
    expect((await session.query(LinksOfRoom, { roomId: 'r1' }))?.map(([, id]) => id)).toEqual(posted)
    expect(await session.query(ChatSummary, {})).toMatchObject({ messages: 40, members: 2, questions: 40 })
    expect(await session.query(BusiestHours, {})).toEqual([{ hour: 18, messages: 40 }])
  }))
