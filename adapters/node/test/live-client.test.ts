// The typed client's live queries against a real HTTP API, with lost connections and restarted services.

import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { LiveChange } from '@tidings/client'
import { createClient } from '@tidings/client'
import { expect, onTestFinished, test } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { PostMessage, RoomMessages, rooms } from './chat-system.ts'
import { runningShop, temporaryFolder } from './running-shop.ts'

const input = { roomId: 'r1' }

function clientFor(url: string, headers?: () => Readonly<Record<string, string>>) {
  const client = createClient({ url, services: { rooms }, ...(headers === undefined ? {} : { headers }) })
  onTestFinished(() => client.close())
  const say = (messageId: string, text = 'x') =>
    client.rooms.command(PostMessage, { messageId, roomId: 'r1', text }, { idempotencyKey: `${messageId}/${text}` })
  return { client, say }
}

const shown = (result: IteratorResult<LiveChange, unknown>): string => {
  if (result.done === true) return 'end'
  const { value } = result
  return value.kind === 'snapshot' ? `snapshot ${value.rows.map(({ key }) => key)}` : `${value.kind} ${value.key}`
}

/** A TCP proxy whose connections can be cut. */
async function cuttable(target: string): Promise<{ readonly url: string; cut(): void }> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connectTo(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('a live query that reconnects asks for its headers anew', async () => {
  const { url } = await runningShop({ config: { services: [rooms] } })
  const proxy = await cuttable(url)
  let asked = 0
  const { client, say } = clientFor(proxy.url, () => ({ 'x-token': `${++asked}` }))
  const changes = client.rooms.live(RoomMessages, input)
  expect(shown(await changes.next())).toBe('snapshot ')
  expect(asked).toBe(1)
  proxy.cut()
  const next = changes.next()
  await say('a')
  expect(shown(await next)).toBe('put a')
  expect(asked, 'the live query, the command, and the live query again').toBeGreaterThanOrEqual(3)
})

test('a live query starts with a snapshot, then sends every change', async () => {
  const { url } = await runningShop({ config: { services: [rooms] } })
  const { client, say } = clientFor(`${url}/`)
  await say('a', 'one')
  const changes = client.rooms.live(RoomMessages, input)
  const first = await changes.next()
  expect(first.value).toEqual({
    kind: 'snapshot',
    id: expect.any(String),
    rows: [{ key: 'a', row: { messageId: 'a', text: 'one' } }],
  })
  await say('b', 'two')
  expect((await changes.next()).value).toEqual({
    kind: 'put',
    id: expect.any(String),
    key: 'b',
    row: { messageId: 'b', text: 'two' },
  })
  await changes.return?.()
  const after = (first.value as LiveChange).id
  expect(
    shown(await client.rooms.live(RoomMessages, input, { after }).next()),
    'continued after the first change',
  ).toBe('put b')
})

test('after a lost connection the client reconnects, and misses or repeats no change', async () => {
  const { url } = await runningShop({ config: { services: [rooms] } })
  const wire = await cuttable(url)
  const changes = clientFor(wire.url).client.rooms.live(RoomMessages, input)
  const { say } = clientFor(url)
  expect(shown(await changes.next())).toBe('snapshot ')
  for (const id of ['a', 'b', 'c']) {
    await say(id)
    expect(shown(await changes.next())).toBe(`put ${id}`)
    wire.cut()
    await say(`${id}-2`)
    await say(`${id}-3`)
    expect([shown(await changes.next()), shown(await changes.next())]).toEqual([`put ${id}-2`, `put ${id}-3`])
  }
})

test('a restarted service sends a snapshot', async () => {
  const data = temporaryFolder()
  const first = await runningShop({ data, config: { services: [rooms] } })
  const { client, say } = clientFor(first.url)
  const changes = client.rooms.live(RoomMessages, input)
  expect(shown(await changes.next())).toBe('snapshot ')
  await say('a')
  expect(shown(await changes.next())).toBe('put a')
  await first.close()
  await runningShop({ data, config: { services: [rooms] }, http: { port: Number(new URL(first.url).port) } })
  expect(shown(await changes.next())).toBe('snapshot a')
  await say('b')
  expect(shown(await changes.next())).toBe('put b')
})

test('an error that reconnecting cannot fix is thrown, and the signal or closing the client ends the reading', async () => {
  const { url } = await runningShop({ config: { services: [rooms] } })
  const { client } = clientFor(url)
  await expect(client.rooms.live(RoomMessages, { roomId: '' }).next()).rejects.toMatchObject({
    code: 'INVALID_PAYLOAD',
    details: { issues: [{ path: '/roomId' }] },
  })
  await expect(client.rooms.live(RoomMessages, { roomId: 'secret' }).next()).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  const abort = new AbortController()
  const changes = client.rooms.live(RoomMessages, input, { signal: abort.signal })
  await changes.next()
  const next = changes.next()
  abort.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
  const nowhere = clientFor('http://127.0.0.1:1').client
  const waiting = nowhere.rooms.live(RoomMessages, input).next()
  nowhere.close()
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  const left = client.rooms.live(RoomMessages, input)
  for await (const change of left) {
    expect(change.kind).toBe('snapshot')
    break
  }
  expect(shown(await left.next())).toBe('end')
})

test('the front of a system in processes streams without delay, survives a killed process, and ends cleanly', {
  timeout: 60_000,
}, async () => {
  const configPath = fileURLToPath(new URL('./chat.config.ts', import.meta.url))
  const data = temporaryFolder()
  const running = await startProcesses(await loadConfig(configPath), configPath, { data, log: { level: 'silent' } })
  onTestFinished(() => running.close())
  const { client, say } = clientFor(running.httpUrl)
  const changes = client.rooms.live(RoomMessages, input)
  expect(shown(await changes.next())).toBe('snapshot ')
  await say('a')
  expect(shown(await changes.next())).toBe('put a')
  process.kill(running.processes[0]?.pid ?? 0, 'SIGKILL')
  expect(shown(await changes.next())).toBe('snapshot a')
  await say('b')
  expect(shown(await changes.next())).toBe('put b')
  const response = await fetch(`${running.httpUrl}/rooms/live/room-board?input={}`)
  const before = performance.now()
  await running.close()
  expect(await response.text()).toContain('event: snapshot')
  expect(performance.now() - before, 'the drain did not time out').toBeLessThan(8_000)
})
