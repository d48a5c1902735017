// Follows the guide "Add an impulse" in a copy of the services: two files and one line are new, the guide's test passes, no event and no other
// service changes, and in a running system the new kind thanks for new answers only.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Session } from '@tidings/testing'
import { systemMap } from 'tidings/operations'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImpulseDue, ImpulseOffered } from '../../services/impulses/contract.ts'
import { chatServices } from '../../services/index.ts'
import { RegisterMember } from '../../services/members/contract.ts'
import { OpenRoom, PostMessage } from '../../services/rooms/contract.ts'
import { MessageAnswered } from '../../services/threads/contract.ts'
import { applyDiff } from './apply-diff.ts'
import { engines, onEngine } from './engines.ts'
import { readGuide, root } from './guide.ts'
import { copyChat, type ScratchCopy } from './scratch-copy.ts'

const shown = 'examples/chat/guides/fourth-impulse/'
let copy: ScratchCopy

beforeAll(() => {
  copy = copyChat()
  for (const block of readGuide('add-an-impulse.md')) {
    if (block.language === 'diff') applyDiff(block, copy)
    else if (block.from?.startsWith(shown))
      copy.write(`examples/chat/${block.from.slice(shown.length)}`, `${block.lines.join('\n')}\n`)
  }
})
afterAll(() => copy.remove())

test('the guide adds one file, its test and one line, and changes nothing else', () => {
  const { added, removed, changed } = copy.differences()
  expect({ added, removed }, 'new and deleted files').toEqual({
    added: ['services/impulses/thank-helper.ts', 'test/thank-helper.test.ts'],
    removed: [],
  })
  expect(changed, 'new and deleted lines in existing files').toEqual({
    'services/impulses/kinds.ts': { added: ["export { thankHelper } from './thank-helper.ts'"], removed: [] },
  })
  for (const file of added)
    expect(copy.read(`examples/chat/${file}`), `the guide shows all of ${file}`).toBe(
      readFileSync(join(root, shown, file), 'utf8'),
    )
})

test('the test that the guide adds passes', async () => {
  const { code, output } = await vitest('--root', join(copy.folder, 'examples/chat'))
  expect(code, output).toBe(0)
  expect(output).toMatch(/Test Files +1 passed \(1\)\s+Tests +3 passed \(3\)/)
}, 60_000)

test('no event and no other service has changed', async () => {
  const before = systemMap(chatServices)
  const after = systemMap(Object.values(await copy.services()))
  expect(after.events).toEqual(before.events)
  expect(after.problems).toEqual(before.problems)
  const othersOf = ({ services }: typeof before) =>
    services.map((service) => (service.name === 'impulses' ? { ...service, functions: [] } : service))
  const functionsOf = ({ services }: typeof before) => services.find(({ name }) => name === 'impulses')?.functions ?? []
  expect(othersOf(after)).toEqual(othersOf(before))
  const known = functionsOf(before).map(({ name }) => name)
  const added = functionsOf(after).filter(({ name }) => !known.includes(name))
  expect(added).toMatchObject([{ name: 'thank-helper', publishes: ['chat.impulse-offered'] }])
  expect(functionsOf(after).filter((each) => !added.includes(each))).toEqual(functionsOf(before))
})

// Only courier is left out: it would need a webhook, and nothing here depends on it.
const listening = chatServices.filter(({ name }) => name !== 'courier')

test.each(engines)('in a running system it thanks for new answers, once, and not for history: %s', (engine) =>
  onEngine(engine, listening, async (session) => {
    for (const memberId of ['ann', 'bob'])
      await session.command('members', RegisterMember, { memberId, name: memberId })
    await session.command('rooms', OpenRoom, { roomId: 'r1', title: 'Room 1' })
    for (const name of ['old1', 'old2', 'old3', 'old4']) await askAndAnswer(session, name)
    await say(session, 'open', 'ann', 'Does anyone know a good editor?')
    expect(await answersOf(session, 'bob'), 'history has enough answers').toBeGreaterThanOrEqual(4)
    await session.advance({ minutes: 5 })

    const { impulses } = await copy.services()
    await session.restart(impulses!)
    await session.settled()
    expect(session.status('impulses').subscriptions, 'the data of `tidings status`').toContainEqual(
      expect.objectContaining({ subscriber: 'thank-helper', source: 'threads', state: 'running' }),
    )
    expect(await thanked(session), 'old history thanks nobody').toEqual([])
    await session.advance({ minutes: 5 })
    await session.settled()
    expect(await kinds(session), 'a question that waited over the restart is nudged at its time').toContain(
      'unanswered-question',
    )

    for (const name of ['new1', 'new2']) await askAndAnswer(session, name)
    expect(await thanked(session), 'two are not enough').toEqual([])
    await askAndAnswer(session, 'new3')
    expect(await thanked(session)).toEqual([['bob', 'new3-a']])
    await askAndAnswer(session, 'new4')
    await session.advance({ hours: 1 })
    await session.settled()
    expect(await thanked(session), 'once').toEqual([['bob', 'new3-a']])
    expect(await kinds(session), 'kinds that were there go on').toContain('quiet-room')
    const due = (await session.published(ImpulseDue)).filter(({ data }) => data?.kind === 'thank-helper')
    expect(
      due.map(({ data }) => data?.to),
      'and the thanks go out',
    ).toEqual(['bob'])
    expect(session.deferred()).toEqual([])
  }),
)

async function say(session: Session, messageId: string, authorId: string, text: string) {
  await session.command('rooms', PostMessage, { messageId, roomId: 'r1', authorId, text })
  await session.settled()
}

async function askAndAnswer(session: Session, name: string) {
  await say(session, name, 'ann', `How do I mount the partition ${name}?`)
  await session.advance({ minutes: 1 })
  await say(session, `${name}-a`, 'bob', `ann: mount ${name} by hand.`)
  await session.advance({ minutes: 1 })
}

const answersOf = async (session: Session, memberId: string) =>
  (await session.published(MessageAnswered)).filter(({ data }) => data?.answeredBy === memberId).length

const offered = async (session: Session) => (await session.published(ImpulseOffered)).map(({ data }) => data!)
const kinds = async (session: Session) => (await offered(session)).map(({ kind }) => kind)
const thanked = async (session: Session) =>
  (await offered(session)).flatMap(({ kind, to, aboutMessageId }) =>
    kind === 'thank-helper' ? [[to, aboutMessageId]] : [],
  )

function vitest(...words: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json')
  const child = spawn(process.execPath, [join(dirname(manifest), 'vitest.mjs'), 'run', ...words], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
  return new Promise((settle) => {
    child.on('close', (code) => settle({ code, output }))
  })
}
