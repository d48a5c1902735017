// `threads` alone: it listens to `rooms` and publishes questions and answers.
import { createSession, given } from '@tidings/testing'
import { expect, test } from 'vitest'
import { MessageEdited, MessagePosted, MessageRedacted, NoticePosted } from '../services/rooms/contract.ts'
import {
  LinksOfRoom,
  MessageAnswered,
  QuestionAsked,
  QuestionWithdrawn,
  ThreadOfMessage,
} from '../services/threads/contract.ts'
import threads from '../services/threads/index.ts'
import { emptyMemory } from '../services/threads/linking/memory.ts'

const at = (minute: number) => ({ occurredAt: new Date(Date.UTC(2010, 7, 17, 18, minute)) })
const iso = (minute: number) => at(minute).occurredAt.toISOString()
const line = (messageId: string, author: string, text: string, roomId = 'r1') => ({
  ...{ messageId, roomId, authorId: `id-${author}`, authorName: author, text, action: false, attachmentId: null },
})
const question = line('a', 'ann', 'How do I mount an NTFS partition?')
const conversation = [
  question,
  line('b', 'bob', 'ann: install ntfs-3g, then mount it'),
  line('c', 'carl', 'Does anyone know a good editor?'),
  line('d', 'ann', 'bob: thanks, that works'),
  line('e', 'dora', 'carl: try vim'),
]

/** A session that has handled the conversation, with a minute between its lines and another room's lines in between. */
async function heard() {
  const session = await createSession({ services: [threads] })
  for (const [minute, said] of conversation.entries()) {
    await session.publish(MessagePosted, said, at(minute))
    await session.publish(MessagePosted, { ...said, messageId: `${said.messageId}2`, roomId: 'r2' }, at(minute))
    await session.publish(
      NoticePosted,
      { roomId: 'r1', entryId: `n${minute}`, text: 'Is this a question?' },
      at(minute),
    )
  }
  await session.settled()
  return session
}

test('a small conversation is split into its threads, separately for each room', async () => {
  await using session = await heard()
  const links = [
    [null, 'a'],
    ['a', 'b'],
    [null, 'c'],
    ['b', 'd'],
    ['c', 'e'],
  ] as const
  expect(await session.query(LinksOfRoom, { roomId: 'r1' })).toEqual(links)
  expect(await session.query(LinksOfRoom, { roomId: 'r2' })).toEqual(
    links.map(([answers, id]) => [answers === null ? null : `${answers}2`, `${id}2`]),
  )
  expect(await session.query(LinksOfRoom, { roomId: 'r1', after: 'b', limit: 2 })).toEqual(links.slice(2, 4))
  expect(await session.query(LinksOfRoom, { roomId: 'r1', after: 'unknown' })).toEqual([])
  expect(await session.query(LinksOfRoom, { roomId: 'r3' })).toEqual([])
  expect(await session.query(ThreadOfMessage, { messageId: 'd' })).toEqual({
    rootId: 'a',
    messages: [
      { messageId: 'a', authorId: 'id-ann', answersId: null, replies: 1, asks: true },
      { messageId: 'b', authorId: 'id-bob', answersId: 'a', replies: 1, asks: false },
      { messageId: 'd', authorId: 'id-ann', answersId: 'b', replies: 0, asks: false },
    ],
  })
  expect(await session.query(ThreadOfMessage, { messageId: 'unknown' })).toBeUndefined()
})

test('questions and answers are published with the key of the earlier message; notices are not', async () => {
  await using session = await heard()
  const inRoom1 = ({ data }: { data: unknown }) => (data as { roomId: string }).roomId === 'r1'
  const asked = (await session.published(QuestionAsked)).filter(inRoom1)
  expect(asked.map(({ key, data }) => [key, data])).toEqual([
    ['a', { messageId: 'a', roomId: 'r1', authorId: 'id-ann', askedAt: iso(0) }],
    ['c', { messageId: 'c', roomId: 'r1', authorId: 'id-carl', askedAt: iso(2) }],
  ])
  const answered = (await session.published(MessageAnswered)).filter(inRoom1)
  const answer = { roomId: 'r1', answerId: 'b', answeredBy: 'id-bob', answeredAt: iso(1) }
  expect(answered.map(({ key, data }) => [key, data])).toEqual([
    ['a', { ...answer, messageId: 'a', authorId: 'id-ann', question: true }],
    [
      'b',
      {
        ...{ messageId: 'b', answerId: 'd', roomId: 'r1', authorId: 'id-bob', answeredBy: 'id-ann' },
        ...{ question: false, answeredAt: iso(3) },
      },
    ],
    ['c', expect.objectContaining({ answerId: 'e', answeredBy: 'id-dora', question: true })],
  ])
})

const row = {
  ...{ messageId: 'a', authorId: 'id-ann', linkId: 'r1/000000000000', rootId: 'a', replies: 0 },
  ...{ asks: true, helped: false },
}
const of = { messageId: 'a', roomId: 'r1', authorId: 'id-ann' }

test('a question is asked when it is posted, at its own time', async () => {
  await given(threads)
    .when(MessagePosted, question, at(1))
    .then({
      published: [[QuestionAsked, { ...of, askedAt: iso(1) }, { key: 'a', ...at(1) }]],
      tables: {
        messages: [row],
        links: [{ linkId: 'r1/000000000000', roomId: 'r1', rootId: 'a', messageId: 'a', answersId: null }],
      },
    })
  await given(threads)
    .when(MessagePosted, { ...question, text: 'Nobody asked.' })
    .then({ published: [] })
})

test('a question that is redacted, or edited into another text, is withdrawn once', async () => {
  const asks = given(threads).tables({ messages: [row] })
  const withdrawn = [[QuestionWithdrawn, { ...of, withdrawnAt: iso(5) }, { key: 'a' }]] as const
  await asks.when(MessageRedacted, of, at(5)).then({ published: withdrawn })
  await asks
    .when(MessageEdited, { ...of, text: 'Never mind.' }, at(5))
    .then({ published: withdrawn, tables: { messages: [{ ...row, asks: false }] } })
  await asks.when(MessageEdited, { ...of, text: 'How do I mount NTFS?' }).thenNothing()
  const asksNothing = given(threads).tables({ messages: [{ ...row, asks: false }] })
  await asksNothing.when(MessageRedacted, of).thenNothing()
  await given(threads).when(MessageRedacted, of).thenNothing()
})

test('a message that is edited into a question is a question from then on, unless others have answered it', async () => {
  const edited = { ...of, text: 'Anyone?' }
  const asksNothing = { ...row, asks: false }
  await given(threads)
    .tables({ messages: [asksNothing] })
    .when(MessageEdited, edited, at(5))
    .then({ published: [[QuestionAsked, { ...of, askedAt: iso(5) }]], tables: { messages: [row] } })
  await given(threads)
    .tables({ messages: [{ ...asksNothing, helped: true }] })
    .when(MessageEdited, edited)
    .then({ published: [] })
})

test('an answer to one’s own question does not help; each room has its own memory', async () => {
  await using session = await createSession({ services: [threads] })
  await session.publish(MessagePosted, question, at(0))
  await session.publish(MessagePosted, line('b', 'ann', 'Found it: ntfs-3g.'), at(0))
  await session.settled()
  const [own] = await session.published(MessageAnswered)
  expect(own?.data).toMatchObject({ messageId: 'a', answerId: 'b', authorId: 'id-ann', answeredBy: 'id-ann' })
  await session.publish(MessageEdited, { ...of, text: 'Solved.' }, at(1))
  await session.publish(MessageEdited, { ...of, text: 'Solved?' }, at(2))
  await session.settled()
  expect(await session.published(QuestionAsked)).toHaveLength(2)
})

test('hostile text is linked like any other', async () => {
  await using session = await createSession({ services: [threads] })
  const texts = [
    '🐎'.repeat(4_000),
    '<script>alert(1)</script>?',
    '\u202E?\u202C',
    '?'.repeat(4_000),
    ' '.repeat(4_000),
    '',
  ]
  for (const [index, text] of texts.entries()) {
    await session.publish(MessagePosted, line(`t${index}`, 'ann', text), at(index))
  }
  await session.settled()
  expect(session.deferred()).toEqual([])
  expect(await session.query(LinksOfRoom, { roomId: 'r1' })).toHaveLength(texts.length)
  expect(emptyMemory).toEqual({ messages: [] })
})
