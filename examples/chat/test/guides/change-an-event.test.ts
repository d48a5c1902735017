// Follows the guide "Change an event" in copies of the services: `rooms` moves from the first version to the second and the third, while
// services with older and newer code subscribe. Compatible events are handled at once; others wait, visibly and in order.
import type { Session } from '@tidings/testing'
import type { CommandInput } from 'tidings'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chatServices } from '../../services/index.ts'
import { ChatSummary } from '../../services/insights/contract.ts'
import { RegisterMember } from '../../services/members/contract.ts'
import { EditMessage, type MessagePosted, OpenRoom, PostMessage, RoomMessages } from '../../services/rooms/contract.ts'
import { LinksOfRoom, QuestionAsked, QuestionWithdrawn } from '../../services/threads/contract.ts'
import { applyDiff } from './apply-diff.ts'
import { engines, onEngine } from './engines.ts'
import { readGuide } from './guide.ts'
import { heardBy, readerOf } from './reader.ts'
import { copyChat, type ScratchCopy } from './scratch-copy.ts'
import { typeErrors } from './type-errors.ts'

const contractFile = 'examples/chat/services/rooms/contract.ts'
const diffs = readGuide('change-an-event.md').filter(({ language }) => language === 'diff')
const second = diffs.filter(({ heading }) => heading.startsWith('Version 2'))
const third = diffs.filter(({ heading }) => heading.startsWith('Version 3'))

const copies: ScratchCopy[] = []
let [v2, halfway, v3]: ScratchCopy[] = []
const copyWith = (steps: typeof diffs): ScratchCopy => {
  const copy = copyChat()
  copies.push(copy)
  for (const step of steps) applyDiff(step, copy)
  return copy
}
beforeAll(() => {
  v2 = copyWith(second)
  halfway = copyWith([...second, ...third.filter(({ lines }) => lines.includes(`+++ ${contractFile}`))])
  v3 = copyWith([...second, ...third])
})
afterAll(() => {
  for (const copy of copies) copy.remove()
})

test('each step changes the files that it shows, and compiles; between the steps the compiler finds what has to change', () => {
  const changed = (copy: ScratchCopy) => {
    const { added, removed, changed } = copy.differences()
    return { added, removed, changed: Object.keys(changed) }
  }
  const files = ['services/rooms/contract.ts', 'services/rooms/message.ts', 'services/rooms/record-message.ts']
  const followers = ['services/rooms/message-stream.ts', 'services/threads/link-posted.ts']
  expect(changed(v2!)).toEqual({ added: [], removed: [], changed: files })
  expect(changed(v3!)).toEqual({ added: [], removed: [], changed: [...files, ...followers].sort() })
  expect(typeErrors([v2!, halfway!, v3!])).toEqual([[], followers, []])
}, 60_000)

const here = async (copy: ScratchCopy) => ({
  services: await copy.services(),
  posted: (await copy.load<{ MessagePosted: typeof MessagePosted }>(contractFile)).MessagePosted,
})
// Only courier is left out: it would need a webhook, and nothing here depends on it.
const listening = chatServices.filter(({ name }) => name !== 'courier')
const asked = 'Does anyone know a good editor?'
const bold = [{ from: 5, to: 11, style: 'bold' }]

test.each(engines)('from the first version to the third, with readers of every version: %s', (engine) =>
  onEngine(engine, listening, async (session) => {
    const { services: second, posted: secondPosted } = await here(v2!)
    const { services: third, posted: thirdPosted } = await here(v3!)
    await open(session)
    await post(session, 'a1', 'How do I mount an NTFS partition?')
    await post(session, 'a2', 'ann: install ntfs-3g', { authorId: 'bob' })
    await post(session, 'b1', 'Hello there.', { roomId: 'r2' })
    await session.settled()

    // The second version: only rooms and a new reader have new code.
    await session.restart(second.rooms!)
    await session.start(readerOf('reader', secondPosted))
    await post(session, 'c1', asked, { rich: bold })
    await session.command('rooms', EditMessage, { messageId: 'a1', memberId: 'ann', text: 'How do I mount NTFS?' })
    await session.settled()
    expect(session.deferred(), 'nobody waits').toEqual([])
    expect(await versions(session, secondPosted)).toEqual([1, 1, 1, 2])
    expect(await linked(session), 'threads goes on with its old code').toEqual(['a1', 'a2', 'c1'])
    expect(await questions(session)).toContain('c1')
    const heard = (await session.query(heardBy('reader'), {})) as { messageId: string; rich?: unknown }[]
    expect(
      heard.map(({ messageId, rich }) => [messageId, rich]),
      'a new reader hears old history, and the spans',
    ).toEqual([
      ['a1', undefined],
      ['a2', undefined],
      ['b1', undefined],
      ['c1', bold],
    ])
    await rebuiltAlike(session, 4)
    await session.restart(second.insights!)
    await rebuiltAlike(session, 4)

    // The third version: rooms is updated first, and all others are older.
    await session.restart(third.rooms!)
    await post(session, 'd1', 'Is it still there?', { rich: bold })
    await session.command('rooms', EditMessage, { messageId: 'd1', memberId: 'ann', text: 'It is still there.' })
    await post(session, 'd2', 'bob: is it?')
    await session.command('rooms', EditMessage, { messageId: 'b1', memberId: 'ann', text: 'Is anybody there?' })
    await session.advance({ minutes: 10 })
    expect(waiting(session, 'threads')).toEqual([
      ['chat.message-posted', 'r1', 'waiting', 0, 'VERSION_FROM_FUTURE'],
      ['chat.message-edited', 'r1', 'blocked', 0, undefined],
      ['chat.message-posted', 'r1', 'blocked', 0, undefined],
    ])
    const subscription = session.status('threads').subscriptions.find(({ source }) => source === 'rooms')
    expect(subscription, 'the data of `tidings status`').toMatchObject({
      ...{ subscriber: 'main', state: 'running', waiting: 1, blocked: 2, parked: 0, retrying: 0 },
    })
    expect(await accounts(session, thirdPosted, 'threads'), 'the data of `tidings why`').toEqual([
      ...['a1 done', 'a2 done', 'b1 done', 'c1 done', 'd1 waiting', 'd2 blocked'],
    ])
    expect(await linked(session), 'threads still answers').toEqual(['a1', 'a2', 'c1'])
    expect(await questions(session), 'another room goes on').toContain('b1')
    expect(await questions(session)).not.toContain('d1')
    expect((await session.query(RoomMessages, { roomId: 'r1' }))?.at(-1), 'queries still answer').toMatchObject({
      text: 'bob: is it?',
    })
    for (const service of ['impulses', 'insights', 'reader'])
      expect(waiting(session, service), service).toContainEqual(
        expect.arrayContaining(['chat.message-posted', 'waiting', 'VERSION_FROM_FUTURE']),
      )

    // They are updated one after the other; each continues where it was.
    await session.restart(third.threads!)
    await session.settled({ or: () => waiting(session, 'threads').length === 0 })
    expect(await linked(session)).toEqual(['a1', 'a2', 'c1', 'd1', 'd2'])
    expect(await questions(session), 'in order: asked, then edited into no question').toContain('d1')
    expect((await session.published(QuestionWithdrawn)).map(({ data }) => data?.messageId)).toContain('d1')
    for (const service of [third.impulses, third.insights, readerOf('reader', thirdPosted)])
      await session.restart(service!)
    await session.start(readerOf('newest', thirdPosted))
    await session.settled()
    expect(session.deferred(), 'nobody waits any more').toEqual([])
    expect(await versions(session, thirdPosted), 'what is stored is as it was published').toEqual([1, 1, 1, 2, 3, 3])
    await rebuiltAlike(session, 6)
    const newest = (await session.query(heardBy('newest'), {})) as { messageId: string; body: object }[]
    expect(
      newest.map(({ messageId, body }) => [messageId, body]),
      'one shape from the first message on',
    ).toEqual([
      ['a1', { text: 'How do I mount an NTFS partition?', rich: [] }],
      ['a2', { text: 'ann: install ntfs-3g', rich: [] }],
      ['b1', { text: 'Hello there.', rich: [] }],
      ['c1', { text: asked, rich: bold }],
      ['d1', { text: 'Is it still there?', rich: bold }],
      ['d2', { text: 'bob: is it?', rich: [] }],
    ])
    const ids = ((await session.query(heardBy('reader'), {})) as { messageId: string }[]).map((each) => each.messageId)
    expect(ids, 'nothing is lost').toEqual(newest.map(({ messageId }) => messageId))
  }),
)

async function open(session: Session) {
  for (const memberId of ['ann', 'bob']) await session.command('members', RegisterMember, { memberId, name: memberId })
  for (const roomId of ['r1', 'r2']) await session.command('rooms', OpenRoom, { roomId, title: roomId })
  await session.settled()
}

// Newer code accepts input that the contract here does not know yet.
async function post(session: Session, messageId: string, text: string, more: object = {}) {
  const message = { messageId, roomId: 'r1', authorId: 'ann', text, ...more } as CommandInput<typeof PostMessage>
  expect(await session.command('rooms', PostMessage, message)).toMatchObject({ accepted: true })
  await session.advance({ seconds: 10 })
}

const versions = async (session: Session, contract: typeof MessagePosted) =>
  (await session.published(contract)).map(({ version }) => version)

const linked = async (session: Session) => (await session.query(LinksOfRoom, { roomId: 'r1' }))?.map(([, id]) => id)

const questions = async (session: Session) =>
  (await session.published(QuestionAsked)).map(({ data }) => data?.messageId)

const waiting = (session: Session, service: string) =>
  session
    .deferred({ service })
    .map(({ type, key, state, attempts, error }) => [type, key, state, attempts, error?.code])

const accounts = async (session: Session, contract: typeof MessagePosted, service: string) =>
  (await session.delivered(contract))
    .filter((delivery) => delivery.service === service)
    .map(({ event, state }) => `${event.data?.messageId} ${state}`)

async function rebuiltAlike(session: Session, messages: number) {
  const before = await session.query(ChatSummary, {})
  expect(before).toMatchObject({ messages })
  await session.rebuild('insights', 'activity')
  await session.settled()
  expect(await session.query(ChatSummary, {}), 'rebuilt from history of every version').toEqual(before)
}
