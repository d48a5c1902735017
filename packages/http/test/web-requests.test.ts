// The HTTP API, called with plain web requests and without a server, as a function host does.

import { expect, test } from 'vitest'
import { createHttpApi, type HttpApi, type HttpApiOptions } from '../src/index.ts'
import { EventParser, type SentEvent } from '../src/wire/index.ts'
import { runningRooms } from './rooms.ts'

const origin = 'http://localhost'

async function served(options: Partial<HttpApiOptions> = {}, limits = {}) {
  const running = await runningRooms(limits)
  const { services, environment } = running
  return { ...running, api: createHttpApi({ services, environment, ...options }) }
}

const post = (api: HttpApi, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  api.fetch(
    new Request(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  )

const say = (api: HttpApi, messageId: string, text = 'x', roomId = 'r1') =>
  post(api, '/rooms/commands/post-message', { messageId, roomId, text })

const liveUrl = (roomId: string) =>
  `${origin}/rooms/live/room-messages?input=${encodeURIComponent(JSON.stringify({ roomId }))}`

/** Reads a stream event by event. */
function eventsOf(response: Response) {
  const parser = new EventParser()
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  const events: SentEvent[] = []
  let text = ''
  return {
    /** All text read so far. */
    text: () => text,
    next: async (): Promise<SentEvent | undefined> => {
      while (events.length === 0) {
        const piece = await reader?.read()
        if (piece?.value === undefined) return undefined
        const read = decoder.decode(piece.value, { stream: true })
        text += read
        events.push(...parser.push(read))
      }
      return events.shift()
    },
    cancel: () => reader?.cancel(),
  }
}

test('commands and queries are answered, refusals are problems, and every answer has the security headers', async () => {
  const { api } = await served()
  const accepted = await say(api, 'a')
  expect(accepted.status).toBe(200)
  expect(await accepted.json()).toMatchObject({ commandId: expect.any(String), replayed: false })
  const found = await post(api, '/rooms/queries/message-of', { messageId: 'a' })
  expect(await found.json()).toEqual({ messageId: 'a', roomId: 'r1', text: 'x' })
  const rejected = await say(api, 'b', '')
  expect(rejected.status).toBe(409)
  expect(await rejected.json()).toMatchObject({ code: 'rejected', rejection: { code: 'empty' } })
  for (const [path, status] of [
    ['/rooms/queries/message-of', 404],
    ['/rooms/queries/nothing', 404],
    ['/nobody/queries/nothing', 404],
    ['/rooms/queries/message-of/', 404],
    ['/openapi.json', 405],
  ] as const) {
    const { status: answered, headers } = await post(api, path, { messageId: 'none' })
    expect(answered, path).toBe(status)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
  const head = await api.fetch(new Request(`${origin}/openapi.json`, { method: 'HEAD' }))
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('P11: a body is bounded, with a length, without one, and with a wrong one', async () => {
  const { api } = await served({ settings: { bodyBytesMax: 100 } })
  const text = JSON.stringify({ messageId: 'x'.repeat(200) })
  for (const headers of [{}, { 'content-length': '1000' }, { 'content-length': '5' }]) {
    const answer = await post(api, '/rooms/queries/message-of', text, headers)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  }
})

test('P12: hosts, origins and authorize are checked; authorize sees the address and the certificate', async () => {
  const seen: unknown[] = []
  const { api } = await served({
    settings: {
      hosts: ['chat.example'],
      authorize: ({ kind, name, connection }) => {
        seen.push([kind, name, connection])
        return connection.certificate === undefined ? undefined : { principal: 'ada' }
      },
    },
  })
  const document = (url: string, headers = {}) => api.fetch(new Request(`${url}/openapi.json`, { headers }))
  expect((await document('https://evil.example')).status).toBe(403)
  expect((await document('https://chat.example', { origin: 'https://evil.example' })).status).toBe(403)
  expect((await document('https://chat.example')).status).toBe(401)
  const connection = { address: '10.0.0.7', certificate: 'PEM' }
  expect((await api.fetch(new Request('https://chat.example/openapi.json'), connection)).status).toBe(200)
  expect(seen).toEqual([
    ['document', 'openapi', {}],
    ['document', 'openapi', connection],
  ])
})

test('a live query is a stream: a snapshot, changes, heartbeats, and an end when the API closes', async () => {
  const { api, timeouts } = await served()
  await say(api, 'a')
  const response = await api.fetch(new Request(liveUrl('r1')))
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events = eventsOf(response)
  expect(await events.next()).toMatchObject({ event: 'snapshot' })
  await say(api, 'b')
  expect(await events.next()).toMatchObject({ event: 'put', data: expect.stringContaining('"b"') })
  await timeouts.advance(15_000)
  await say(api, 'c')
  expect(await events.next()).toMatchObject({ event: 'put', data: expect.stringContaining('"c"') })
  expect(events.text()).toContain('\n\n: \n\nevent: put')
  api.close()
  expect(await events.next()).toBeUndefined()
  expect((await api.fetch(new Request(liveUrl('r1')))).status).toBe(503)
})

test.each(['cancels', 'aborts the request'])('a reader that %s frees its place', async (how) => {
  const { api } = await served({}, { liveReadersMax: 1 })
  const abort = new AbortController()
  const events = eventsOf(await api.fetch(new Request(liveUrl('r1'), { signal: abort.signal })))
  await events.next()
  expect((await api.fetch(new Request(liveUrl('r1')))).status).toBe(503)
  if (how === 'cancels') await events.cancel()
  else abort.abort()
  expect((await api.fetch(new Request(liveUrl('r1')))).status).toBe(200)
})

test('P11: for a reader that does not read, a bounded number of bytes is kept, and its stream ends after a minute', async () => {
  const { api, timeouts } = await served({}, { liveBufferBytesMax: 100_000 })
  const response = await api.fetch(new Request(liveUrl('r1')))
  for (let number = 0; number < 50; number++) await say(api, `m${number % 5}`, `${number} `.padEnd(20_000, 'x'))
  const events = eventsOf(response)
  const kinds: string[] = []
  let bytes = 0
  for (let last = ''; !last.includes('"49 '); ) {
    const event = await events.next()
    last = event?.data ?? ''
    bytes += last.length
    kinds.push(event?.event ?? 'end')
  }
  expect(kinds.filter((kind) => kind === 'snapshot').length, 'a snapshot replaces what was dropped').toBeGreaterThan(1)
  expect(bytes).toBeLessThan(50 * 20_000)
  for (let number = 0; number < 50; number++) await say(api, `m${number % 5}`, 'y'.repeat(20_000))
  for (let beats = 0; beats < 5; beats++) await timeouts.advance(15_000)
  await expect(async () => {
    while ((await events.next()) !== undefined);
  }).rejects.toThrow('aborted')
})

test('several live queries are read over one stream, each as if it were requested alone', async () => {
  const { api } = await served()
  const of = [
    ['rooms', 'room-messages', { roomId: 'r1' }],
    ['quiet', 'nothing', {}],
    ['nobody', 'nothing', {}],
  ]
  const response = await api.fetch(new Request(`${origin}/live?of=${encodeURIComponent(JSON.stringify(of))}`))
  const events = eventsOf(response)
  const first = [await events.next(), await events.next(), await events.next()]
  expect(first.map((event) => [event?.event, JSON.parse(event?.data ?? '').of]).sort()).toEqual([
    ['refused', 1],
    ['refused', 2],
    ['snapshot', 0],
  ])
  await say(api, 'a')
  expect(await events.next()).toMatchObject({ event: 'put', data: expect.stringContaining('"of":0') })
  api.close()
  expect(await events.next()).toBeUndefined()
})

test('pages come first, and an internal error becomes a problem that reveals nothing', async () => {
  const { api, lines } = await served({
    pages: async ({ path }) => {
      if (path === '/boom') throw new TypeError('an internal secret')
      return path === '/' ? { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' } : undefined
    },
  })
  expect(await (await api.fetch(new Request(`${origin}/`))).text()).toBe('<p>')
  expect((await api.fetch(new Request(`${origin}/openapi.json`))).status).toBe(200)
  const failed = await api.fetch(new Request(`${origin}/boom`))
  expect(failed.status).toBe(500)
  expect(await failed.text()).not.toContain('secret')
  expect(JSON.stringify(lines)).toContain('an internal secret')
})
