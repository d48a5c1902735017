// Live queries over real connections: the stream, reconnecting, refusals, slow readers, and the end.

import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { createHttpApi } from '@tidings/http'
import type { Limits } from 'tidings'
import { createManualClock, createManualTimeouts } from 'tidings/memory'
import { expect, onTestFinished, test, vi } from 'vitest'
import { nodeEnvironment } from '../src/environment/node-environment.ts'
import type { HttpOptions } from '../src/server/http-options.ts'
import { httpSettings } from '../src/server/http-settings.ts'
import { listen } from '../src/server/listen.ts'
import { roomsWith } from './chat-system.ts'
import { liveUrl, openStream } from './live-stream.ts'
import { post, raw, runningShop } from './running-shop.ts'

const chat = async (limits: Partial<Limits> = {}, http: HttpOptions = {}) => {
  const running = await runningShop({ config: { services: [roomsWith(limits)] }, http })
  const say = (messageId: string, text = 'x', roomId = 'r1') =>
    post(`${running.url}/rooms/commands/post-message`, { messageId, roomId, text })
  return { ...running, say }
}

// A connection of its own, and the text that has come once it matches.
async function connected(url: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.setEncoding('utf8')
  let text = ''
  socket.on('data', (piece: string) => {
    text += piece
  })
  const came = async (pattern: RegExp) => {
    while (!pattern.test(text)) await once(socket, 'data')
    return text
  }
  return { socket, came }
}

const keysOf = (data: string) => (JSON.parse(data) as { rows: { key: string }[] }).rows.map(({ key }) => key)

test('a stream begins with a snapshot and continues with changes, each an event with an id', async () => {
  const { url, say } = await chat()
  await say('a', 'line one\nline two')
  const stream = await openStream(liveUrl(url, 'room-messages', { roomId: 'r1' }))
  expect(stream.response.status).toBe(200)
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  const first = await stream.next()
  expect(first).toMatchObject({ event: 'snapshot', id: expect.stringMatching(/^[\w.%-]+$/) })
  expect(JSON.parse(first?.data ?? '')).toEqual({
    rows: [{ key: 'a', row: { messageId: 'a', text: 'line one\nline two' } }],
  })
  await say('z', 'elsewhere', 'r2')
  await say('b', 'two')
  const put = await stream.next()
  expect(put?.event).toBe('put')
  expect(JSON.parse(put?.data ?? '')).toEqual({ key: 'b', row: { messageId: 'b', text: 'two' } })
  await say('a', 'moved', 'r2')
  expect(await stream.next()).toMatchObject({ event: 'remove', data: '{"key":"a"}' })
  const alone = await raw(
    url,
    'HEAD /live/room-board?input={} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  )
  expect(alone).toMatch(/^HTTP\/1\.1 405 /)
})

test('after a lost connection, a stream continues after Last-Event-ID or ?after=', async () => {
  const { url, say } = await chat()
  await say('a')
  const address = liveUrl(url, 'room-messages', { roomId: 'r1' })
  const stream = await openStream(address)
  const id = (await stream.next())?.id ?? ''
  stream.cut()
  await say('b')
  await say('c')
  const again = await openStream(address, { 'last-event-id': id })
  expect(
    [await again.next(), await again.next()].map((event) => [event?.event, JSON.parse(event?.data ?? '').key]),
  ).toEqual([
    ['put', 'b'],
    ['put', 'c'],
  ])
  const first = await openStream(`${address}&after=${encodeURIComponent(id)}`)
  expect(await first.next()).toMatchObject({ event: 'put' })
  const unknown = await openStream(address, { 'last-event-id': 'unknown' })
  expect(keysOf((await unknown.next())?.data ?? '')).toEqual(['a', 'b', 'c'])
})

test('a refused caller, and an invalid live query, get a problem and no stream', async () => {
  const asked: unknown[] = []
  const { url, say } = await chat(
    { liveReadersMax: 1 },
    {
      authorize: ({ service, kind, name, headers }) => {
        asked.push([service, kind, name])
        return headers.get('x-who') === 'nobody' ? undefined : { principal: headers.get('x-who') }
      },
    },
  )
  await say('a', 'x', 'secret')
  const refused = async (address: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') => {
    const response = await fetch(address, { headers, method })
    return [response.status, ((await response.json()) as { code: string }).code, response.headers.get('retry-after')]
  }
  const secret = liveUrl(url, 'room-messages', { roomId: 'secret' })
  expect(await refused(secret, { 'x-who': 'nobody' })).toEqual([401, 'UNAUTHENTICATED', null])
  expect(asked.at(-1)).toEqual(['rooms', 'live', 'room-messages'])
  expect(await refused(secret)).toEqual([403, 'FORBIDDEN', null])
  expect(await refused(secret, { origin: 'http://evil.example' })).toEqual([403, 'origin-refused', null])
  expect(await refused(liveUrl(url, 'room-messages', { roomId: '' }))).toEqual([422, 'INVALID_PAYLOAD', null])
  expect(await refused(`${url}/rooms/live/room-messages`)).toEqual([422, 'INVALID_PAYLOAD', null])
  expect(await refused(`${url}/rooms/live/room-messages?input=%7B`)).toEqual([400, 'PAYLOAD_NOT_JSON', null])
  expect(await (await fetch(`${url}/rooms/live/room-messages?input=%7B`)).json()).toMatchObject({
    ...{ title: 'Payload not JSON', detail: expect.stringMatching(/^The parameter input is not JSON/) },
  })
  expect(await refused(`${url}/rooms/live/room-messages?input=${'['.repeat(500)}`)).toEqual([
    400,
    'PAYLOAD_TOO_DEEP',
    null,
  ])
  expect(await refused(liveUrl(url, 'nothing', {}))).toEqual([404, 'UNKNOWN_LIVE_QUERY', null])
  expect(await refused(secret, {}, 'POST')).toEqual([405, 'method-not-allowed', null])
  const stream = await openStream(secret, { 'x-who': 'ada' })
  expect(keysOf((await stream.next())?.data ?? '')).toEqual(['a'])
  expect(await refused(secret, { 'x-who': 'ada' })).toEqual([503, 'STORE_UNAVAILABLE', '1'])
  stream.cut()
  await expect.poll(async () => (await openStream(secret, { 'x-who': 'ada' })).response.status).toBe(200)
})

test('a reader that falls behind gets a snapshot later; the others miss nothing, and memory stays bounded', async () => {
  const { url, say } = await chat({ liveBufferBytesMax: 100_000 })
  const { hostname, port } = new URL(url)
  const path = liveUrl('', 'room-messages', { roomId: 'r1' })
  const slow = connect(Number(port), hostname)
  onTestFinished(() => void slow.destroy())
  slow.setEncoding('utf8')
  let text = ''
  const came = Promise.withResolvers<void>()
  slow.on('data', (piece: string) => {
    text += piece
    if (text.includes('event: snapshot')) came.resolve()
  })
  slow.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await came.promise
  slow.pause()
  const quick = await openStream(`${url}${path}`)
  await quick.next()
  // More than all buffers between the two can hold, at 100 kB each.
  const count = 160
  for (let number = 0; number < count; number++) {
    await say(`m${number % 5}`, `${number} `.padEnd(100_000, 'x'))
    expect(JSON.parse((await quick.next())?.data ?? '').row.text).toMatch(new RegExp(`^${number} `))
  }
  const again = Promise.withResolvers<void>()
  slow.on('data', () => {
    if (text.split('event: snapshot').length > 2 && text.includes(`"${count - 1} `)) again.resolve()
  })
  slow.resume()
  await again.promise
  expect(text.length, 'most of it was never sent').toBeLessThan(count * 100_000)
})

test('readers of the same rows are sent the same bytes, made once and written in one piece', async () => {
  const { url, say } = await chat()
  const address = liveUrl(url, 'room-messages', { roomId: 'r1' })
  const written = vi.spyOn(Socket.prototype, 'write')
  const streams = await Promise.all(Array.from({ length: 40 }, () => openStream(address)))
  await Promise.all(streams.map((stream) => stream.next()))
  await say('a')
  await Promise.all(streams.map((stream) => stream.next()))
  const puts = written.mock.calls
    .map(([chunk]) => chunk as unknown)
    .filter((chunk) => /^[0-9a-f]+\r\nevent: put\n[\s\S]*\n\n\r\n$/.test(String(chunk)))
  expect(puts).toHaveLength(40)
  expect(new Set(puts).size).toBe(1)
})

test('the stream of a caller of HTTP/1.0 has no chunks', async () => {
  const { url, say } = await chat()
  const path = liveUrl('', 'room-messages', { roomId: 'r1' })
  const { socket, came } = await connected(url)
  socket.write(`GET ${path} HTTP/1.0\r\nHost: localhost\r\n\r\n`)
  await came(/event: snapshot\n/)
  await say('a')
  expect(await came(/event: put\n/)).toMatch(
    /\r\n\r\nretry: 1000\n\nevent: snapshot\nid: .+\ndata: .+\n\nevent: put\nid: .+\ndata: .+\n\n$/,
  )
})

test('a stream that is requested behind another request begins after its answer, with every change since', async () => {
  const gate = Promise.withResolvers<void>()
  const { url, say } = await chat(
    {},
    {
      authorize: async ({ headers }) => {
        if (headers.get('x-who') === 'slow') await gate.promise
        return { principal: null }
      },
    },
  )
  const path = liveUrl('', 'room-messages', { roomId: 'r1' })
  const { socket, came } = await connected(url)
  const other = await openStream(`${url}${path}`)
  await other.next()
  socket.write('GET /rooms/live/nothing HTTP/1.1\r\nHost: localhost\r\nX-Who: slow\r\n\r\n')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  for (const messageId of ['a', 'b']) {
    await say(messageId)
    await other.next()
  }
  gate.resolve()
  await came(/event: snapshot/)
  await say('c')
  const text = await came(/event: put\n[\s\S]*"key":"c"/)
  expect(text.startsWith('HTTP/1.1 404 ')).toBe(true)
  expect(text.slice(text.indexOf('event: snapshot'))).toMatch(/"key":"a"[\s\S]*"key":"b"[\s\S]*"key":"c"/)
})

test('P7: when a rebuild switches, a stream continues with a snapshot of the new generation', async () => {
  const { url, say, system, settled } = await chat()
  await say('a')
  await settled()
  const stream = await openStream(liveUrl(url, 'room-board', {}))
  expect(keysOf((await stream.next())?.data ?? '')).toEqual(['a'])
  await system.service('rooms').rebuild('board')
  expect(await stream.next()).toMatchObject({ event: 'snapshot' })
  await say('b')
  expect(await stream.next()).toMatchObject({ event: 'put' })
})

test('closing ends the streams at once, and cleanly', async () => {
  const running = await chat()
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => openStream(liveUrl(running.url, 'room-messages', { roomId: 'r1' }))),
  )
  for (const stream of streams) await stream.next()
  const before = performance.now()
  await running.close()
  for (const stream of streams) expect(await stream.next()).toBeUndefined()
  expect(performance.now() - before, 'the drain did not time out').toBeLessThan(5_000)
})

test('a connection without any request does not delay closing', async () => {
  const running = await chat()
  const { hostname, port } = new URL(running.url)
  const silent = connect(Number(port), hostname)
  await new Promise((resolve) => silent.once('connect', resolve))
  const ended = new Promise((resolve) => silent.once('close', resolve))
  silent.on('error', () => {})
  const before = performance.now()
  await running.close()
  await ended
  expect(performance.now() - before).toBeLessThan(5_000)
})

test('a silent stream sends a comment every 15 seconds; a connection that takes nothing is closed', async () => {
  const { system } = await chat({ liveBufferBytesMax: 100_000 })
  const timeouts = createManualTimeouts(createManualClock())
  const environment = { ...nodeEnvironment({ log: () => {} }), timeouts }
  const api = createHttpApi({ services: [system.service('rooms')], environment })
  const server = await listen(api, httpSettings({ port: 0 }))
  onTestFinished(async () => {
    api.close()
    await server.close()
  })
  const path = liveUrl('', 'room-messages', { roomId: 'r1' })
  const stream = await openStream(`${server.url}${path}`)
  await stream.next()
  await timeouts.advance(15_000)
  expect(await stream.piece()).toBe(': \n\n')
  await timeouts.advance(15_000)
  expect(await stream.piece()).toBe(': \n\n')
  const stuck = connect(Number(server.port), '127.0.0.1')
  const begun = new Promise((resolve) => stuck.once('data', resolve))
  const cut = new Promise((resolve) => stuck.once('close', resolve))
  stuck.on('error', () => {})
  stuck.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await begun
  stuck.pause()
  for (let number = 0; number < 120; number++) {
    await post(`${server.url}/rooms/commands/post-message`, { messageId: 'm', roomId: 'r1', text: 'x'.repeat(100_000) })
    await stream.next()
  }
  for (let beats = 0; beats < 5; beats++) await timeouts.advance(15_000)
  stuck.resume()
  await cut
  await post(`${server.url}/rooms/commands/post-message`, { messageId: 'last', roomId: 'r1', text: 'y' })
  expect(JSON.parse((await stream.next())?.data ?? '').key, 'a reader that reads stays connected').toBe('last')
})
