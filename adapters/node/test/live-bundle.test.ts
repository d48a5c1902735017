// Several live queries over one connection: each part works as if it were read alone, also while another part's service is down.

import path from 'node:path'
import { defineService } from 'tidings'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import type { HttpOptions } from '../src/server/http-options.ts'
import { roomsWith } from './chat-system.ts'
import { openStream } from './live-stream.ts'
import { post, runningShop, temporaryFolder } from './running-shop.ts'

vi.setConfig({ testTimeout: 60_000 })

const bundleUrl = (url: string, of: unknown) => `${url}/live?of=${encodeURIComponent(JSON.stringify(of))}`
const board = ['rooms', 'room-board', {}]
const inRoom = (roomId: string) => ['rooms', 'room-messages', { roomId }]

const chat = async (http: HttpOptions = {}) => {
  const running = await runningShop({
    config: { services: [roomsWith(), defineService('quiet').with({})] },
    http,
  })
  return { ...running, say: say(running.url) }
}

const say = (url: string) => (messageId: string, roomId: string) =>
  post(`${url}/rooms/commands/post-message`, { messageId, roomId, text: 'x' })

type Stream = Awaited<ReturnType<typeof openStream>>

// The events of different parts may come in any order.
async function take(stream: Stream, count: number) {
  const taken: [number, string, unknown][] = []
  while (taken.length < count) {
    const event = await stream.next()
    if (event === undefined) break
    const { of, ...data } = JSON.parse(event.data) as { of: number }
    taken.push([of, event.event, data])
  }
  return taken.sort(([a], [b]) => a - b)
}

test('each part begins with its snapshot and continues with its changes', async () => {
  const { url, say: post } = await chat()
  await post('a', 'r1')
  const stream = await openStream(bundleUrl(url, [inRoom('r1'), inRoom('r2')]))
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
  expect(await take(stream, 2)).toEqual([
    [0, 'snapshot', { rows: [{ key: 'a', row: { messageId: 'a', text: 'x' } }] }],
    [1, 'snapshot', { rows: [] }],
  ])
  await post('b', 'r2')
  expect(await take(stream, 1)).toMatchObject([[1, 'put', { key: 'b' }]])
  await post('a', 'r2')
  expect(await take(stream, 2)).toMatchObject([
    [0, 'remove', { key: 'a' }],
    [1, 'put', { key: 'a' }],
  ])
})

test('P12: each part is authorized separately: a refused one gets a problem, and the others are shown', async () => {
  const asked: unknown[] = []
  const { url } = await chat({
    authorize: ({ headers, name, kind }) => {
      asked.push([kind, name])
      return { principal: headers.get('authorization') }
    },
  })
  const parts = [inRoom('r1'), inRoom('secret'), ['rooms', 'no-such', {}], ['nobody', 'x', {}], inRoom('')]
  const stream = await openStream(bundleUrl(url, parts), { authorization: 'bob' })
  expect(await take(stream, 5)).toMatchObject([
    [0, 'snapshot', { rows: [] }],
    [1, 'refused', { problem: { code: 'FORBIDDEN' } }],
    [2, 'refused', { problem: { code: 'UNKNOWN_LIVE_QUERY' } }],
    [3, 'refused', { problem: { code: 'not-found' } }],
    [4, 'refused', { problem: { code: 'INVALID_PAYLOAD' } }],
  ])
  expect(asked).toContainEqual(['live', 'room-messages'])
  const ada = await openStream(bundleUrl(url, [inRoom('secret')]), { authorization: 'ada' })
  expect(await take(ada, 1)).toMatchObject([[0, 'snapshot', {}]])
})

test.each([
  ['', 422],
  ['?of=', 400],
  ['?of={}', 422],
  ['?of=[]', 422],
  ['?of=[["rooms"]]', 422],
  [`?of=${JSON.stringify(Array.from({ length: 17 }, () => board))}`, 422],
])('P11: /live%s is a problem with status %i', async (query, status) => {
  const { url } = await chat()
  const answer = await fetch(`${url}/live${query}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
})

test('closing ends a bundle at once', async () => {
  const running = await chat()
  const stream = await openStream(bundleUrl(running.url, [inRoom('r1'), board]))
  await take(stream, 2)
  const startedAt = performance.now()
  await running.close()
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  await vi.waitFor(async () => expect(await stream.next()).toBeUndefined())
})

test('P6: behind the front, a part whose process is killed comes back without loss, on the same connection', async () => {
  const configPath = path.join(import.meta.dirname, 'chat.config.ts')
  const running = await startProcesses(await loadConfig(configPath), configPath, {
    data: temporaryFolder(),
    log: { level: 'silent' },
  })
  onTestFinished(() => running.close())
  const post = say(running.httpUrl)
  await post('a', 'r1')
  const stream = await openStream(bundleUrl(running.httpUrl, [inRoom('r1')]))
  expect(await take(stream, 1)).toMatchObject([[0, 'snapshot', { rows: [{ key: 'a' }] }]])
  const pid = running.processes.find(({ service }) => service === 'rooms')?.pid ?? 0
  process.kill(pid, 'SIGKILL')
  expect(await take(stream, 1)).toMatchObject([[0, 'away', {}]])
  await vi.waitFor(async () => expect((await post('b', 'r1')).status).toBe(200), { timeout: 30_000, interval: 50 })
  const seen: unknown[] = []
  while (!JSON.stringify(seen).includes('"b"')) seen.push(...(await take(stream, 1)))
  // The killed process may have sent only some of the changes; a new snapshot has all of them.
  expect(seen[0]).toMatchObject([
    0,
    'snapshot',
    { rows: expect.arrayContaining([expect.objectContaining({ key: 'a' })]) },
  ])
})
