// The typed client's live queries against a real HTTP API, with connections that are cut and services that end and come back.

import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { LiveChange } from '@tidings/client'
import { createClient } from '@tidings/client'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../src/config/load-config.ts'
import { startProcesses } from '../src/processes/start-processes.ts'
import { PostMessage, RoomMessages, rooms } from './chat-system.ts'
import { runningShop, temporaryFolder } from './running-shop.ts'

const input = { roomId: 'r1' }

function clientFor(url: string) {
  const client = createClient({ url, services: { rooms } })
  onTestFinished(() => client.close())
  const say = (messageId: string, text = 'x') =>
    client.rooms.command(PostMessage, { messageId, roomId: 'r1', text }, { idempotencyKey: `${messageId}/${text}` })
  return { client, say }
}

const told = (result: IteratorResult<LiveChange, unknown>): string => {
  if (result.done === true) return 'end'
  const { value } = result
  return value.kind === 'snapshot' ? `snapshot ${value.rows.map(({ key }) => key)}` : `${value.kind} ${value.key}`
}

/** A wire whose connections can be cut. */
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

test('a live query is a snapshot, and then every change', async () => {
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
  expect(told(await client.rooms.live(RoomMessages, input, { after }).next()), 'from there on').toBe('put b')
})

test('a connection that is cut is come back from, and nothing is missed or given twice', async () => {
  const { url } = await runningShop({ config: { services: [rooms] } })
  const wire = await cuttable(url)
  const changes = clientFor(wire.url).client.rooms.live(RoomMessages, input)
  const { say } = clientFor(url)
  expect(told(await changes.next())).toBe('snapshot ')
  for (const id of ['a', 'b', 'c']) {
    await say(id)
    expect(told(await changes.next())).toBe(`put ${id}`)
    wire.cut()
    await say(`${id}-2`)
    await say(`${id}-3`)
    expect([told(await changes.next()), told(await changes.next())]).toEqual([`put ${id}-2`, `put ${id}-3`])
  }
})

test('a service that ends and comes back gives a snapshot', async () => {
  const data = temporaryFolder()
  const first = await runningShop({ data, config: { services: [rooms] } })
  const { client, say } = clientFor(first.url)
  const changes = client.rooms.live(RoomMessages, input)
  expect(told(await changes.next())).toBe('snapshot ')
  await say('a')
  expect(told(await changes.next())).toBe('put a')
  await first.close()
  await runningShop({ data, config: { services: [rooms] }, http: { port: Number(new URL(first.url).port) } })
  expect(told(await changes.next())).toBe('snapshot a')
  await say('b')
  expect(told(await changes.next())).toBe('put b')
})

test('what coming back cannot help is thrown, and the signal or the end of the client ends it', async () => {
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
  expect(told(await left.next())).toBe('end')
})

test('the front of a system in processes streams as it comes, goes on over a killed process, and ends cleanly', {
  timeout: 60_000,
}, async () => {
  const configPath = fileURLToPath(new URL('./chat.config.ts', import.meta.url))
  const data = temporaryFolder()
  const running = await startProcesses(await loadConfig(configPath), configPath, { data, log: { level: 'silent' } })
  onTestFinished(() => running.close())
  const { client, say } = clientFor(running.httpUrl)
  const changes = client.rooms.live(RoomMessages, input)
  expect(told(await changes.next())).toBe('snapshot ')
  await say('a')
  expect(told(await changes.next())).toBe('put a')
  process.kill(running.processes[0]?.pid ?? 0, 'SIGKILL')
  expect(told(await changes.next())).toBe('snapshot a')
  await say('b')
  expect(told(await changes.next())).toBe('put b')
  const response = await fetch(`${running.httpUrl}/rooms/live/room-board?input={}`)
  const before = performance.now()
  await running.close()
  expect(await response.text()).toContain('event: snapshot')
  expect(performance.now() - before, 'nobody waited for the drain to time out').toBeLessThan(8_000)
})
