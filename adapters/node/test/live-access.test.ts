// Live queries and callers over real connections, in one process and behind the front: credentials, refusals, and how many connections it takes.

import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { roomsWith } from './chat-system.ts'
import { openStream } from './live-stream.ts'
import { post, runningShop, temporaryFolder } from './running-shop.ts'

vi.setConfig({ testTimeout: 60_000 })

const bundleUrl = (url: string, of: unknown) => `${url}/live?of=${encodeURIComponent(JSON.stringify(of))}`
const inRoom = ['rooms', 'room-messages', { roomId: 'r1' }]

async function startNotes() {
  const configPath = path.join(import.meta.dirname, 'notes.config.ts')
  const running = await startProcesses(await loadConfig(configPath), configPath, {
    data: temporaryFolder(),
    log: { level: 'silent' },
  })
  onTestFinished(() => running.close())
  const ada = { 'x-user': 'ada', 'x-forwarded-for': '6.6.6.6, 1.2.3.4' }
  const write = (noteId: string, headers: Record<string, string> = ada) =>
    post(`${running.httpUrl}/notes/commands/write-note`, { noteId }, headers)
  return { running, url: running.httpUrl, ada, write }
}

test('P12: behind the front, all parts of a bundle show the rows of its caller, over one connection to their process [trap: access]', async () => {
  const { running, url, ada, write } = await startNotes()
  await write('n1')
  await write('n2', { 'x-user': 'bob' })
  const parts = Array.from({ length: 16 }, (_, number) => ['notes', 'my-notes', { number }])
  const stream = await openStream(bundleUrl(url, parts), ada)
  const seen = new Set<number>()
  while (seen.size < parts.length) {
    const { event, data } = (await stream.next()) ?? { event: 'end', data: '{}' }
    const { of, rows } = JSON.parse(data) as { of: number; rows: unknown }
    expect([event, rows]).toEqual(['snapshot', [{ key: 'n1', row: { noteId: 'n1', owner: 'ada from 1.2.3.4' } }]])
    seen.add(of)
  }
  await write('n3')
  expect(await stream.next()).toMatchObject({ event: 'put', data: expect.stringContaining('"n3"') })
  running.endLive({ principal: 'ada from 1.2.3.4' })
  await vi.waitFor(async () => expect(await stream.next()).toBeUndefined())
})

test('P12: behind the front, a bundle whose parts are all refused is a problem, also while its service is down [trap: access]', async () => {
  const { running, url } = await startNotes()
  const refused = async () => (await fetch(bundleUrl(url, [['notes', 'my-notes', { number: 1 }]]))).status
  expect(await refused()).toBe(401)
  process.kill(running.processes[0]?.pid ?? 0, 'SIGKILL')
  expect(await refused()).toBe(401)
})

test('P11: 1,030 bundles of a stranger do not shut out somebody who may read [trap: access]', async () => {
  const { url } = await runningShop({
    config: { services: [roomsWith()] },
    http: { authorize: ({ headers }) => (headers.get('x-user') === 'ada' ? { principal: 'ada' } : undefined) },
  })
  const { port } = new URL(url)
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      const path = `/live?of=${encodeURIComponent(JSON.stringify([inRoom, inRoom]))}`
      request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      })
        .once('error', reject)
        .end()
    })
  const statuses = new Set<number>()
  for (let batch = 0; batch < 103; batch++) {
    for (const status of await Promise.all(Array.from({ length: 10 }, ask))) statuses.add(status)
  }
  expect([...statuses]).toEqual([401])
  const stream = await openStream(bundleUrl(url, [inRoom]), { 'x-user': 'ada' })
  expect(await stream.next()).toMatchObject({ event: 'snapshot' })
})

test('P11: a request on one connection of an address too many is refused, and a closed one makes room', async () => {
  const { url } = await runningShop({ http: { connectionCountPerAddressMax: 2 } })
  const { port } = new URL(url)
  const open = () => {
    const socket = connect(Number(port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const closed = new Promise<'closed'>((resolve) => {
      socket.on('error', () => {}).once('close', () => resolve('closed'))
    })
    const answered = new Promise<string>((resolve) =>
      socket.once('data', (bytes) => resolve(String(bytes).slice(9, 12))),
    )
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n')
    return { socket, outcome: Promise.race([answered, closed]), closed }
  }
  const [first, second] = [open(), open()]
  expect([await first.outcome, await second.outcome]).toEqual(['200', '200'])
  const third = open()
  expect(await third.outcome).toBe('503')
  expect(await third.closed).toBe('closed')
  first.socket.destroy()
  await first.closed
  await vi.waitFor(async () => expect(await open().outcome).toBe('200'))
})
