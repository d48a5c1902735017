// What a caller can reach: commands, queries and live queries with `expose: true`, and nothing else.

import { expect, test } from 'vitest'
import { createControlEndpoint, createHttpApi, type HttpApi, type HttpApiOptions } from '../src/index.ts'
import { runningRooms } from './rooms.ts'

const origin = 'http://localhost'

async function served(options: Partial<HttpApiOptions> = {}) {
  const running = await runningRooms()
  const { services, environment } = running
  return { ...running, api: createHttpApi({ services, environment, ...options }) }
}

/** What a caller sees of an answer, with the name that was asked for taken out. */
async function seen(api: HttpApi, path: string, body: string | undefined, name: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const init: RequestInit = body === undefined ? {} : { method: 'POST', headers, body }
  const response = await api.fetch(new Request(origin + path.replace('NAME', name), init))
  return {
    status: response.status,
    headers: [...response.headers],
    text: (await response.text()).replaceAll(name, 'NAME'),
  }
}

const bundle = `/live?of=${encodeURIComponent('[["rooms","NAME",{}]]')}`

test.each([
  ['a command', '/rooms/commands/NAME', '{"messageId":"a"}', 'forget-message'],
  ['a command with a body that is no JSON', '/rooms/commands/NAME', '{', 'forget-message'],
  ['a command with an empty body', '/rooms/commands/NAME', '', 'forget-message'],
  ["a decider's command", '/rooms/commands/NAME', '{"roomId":"r1"}', 'close-room'],
  ['a query', '/rooms/queries/NAME', '{"messageId":"a"}', 'message-to-judge'],
  ['a query with invalid input', '/rooms/queries/NAME', '{}', 'message-to-judge'],
  ['a live query', '/rooms/live/NAME?input={}', undefined, 'all-messages'],
  ['a live query without input', '/rooms/live/NAME', undefined, 'all-messages'],
])(
  'P12: %s that is internal is answered like a name that does not exist [trap: access]',
  async (_, path, body, name) => {
    const { api, system } = await served()
    await system.service('rooms').command('post-message', { messageId: 'a', roomId: 'r1', text: 'x' })
    const internal = await seen(api, path, body, name)
    expect(internal).toEqual(await seen(api, path, body, 'x'.repeat(name.length)))
    expect(internal).toMatchObject({ status: 404, text: expect.stringContaining('"code":"UNKNOWN_') })
    expect(await system.service('rooms').query('message-of', { messageId: 'a' })).toMatchObject({ text: 'x' })
  },
)

test('P12: an internal part of a bundle is refused like a name that does not exist [trap: access]', async () => {
  const { api } = await served()
  const [internal, unknown] = await Promise.all(
    ['all-messages', 'xxx-xxxxxxxx'].map(async (name) => {
      const { body } = await api.fetch(new Request(origin + bundle.replace('NAME', name)))
      const reader = body?.pipeThrough(new TextDecoderStream() as never).getReader()
      let text = ''
      while (!text.includes('refused')) text += (await reader?.read())?.value ?? 'ended: refused'
      await reader?.cancel()
      return text.replaceAll(name, 'NAME')
    }),
  )
  expect(internal).toEqual(unknown)
  expect(internal).toContain('UNKNOWN_LIVE_QUERY')
})

test.each([
  ['/rooms/commands/forget-message', 'POST', "Add `expose: true` to defineCommand('forget-message', …)"],
  ['/rooms/commands/close-room', 'POST', "Add `expose: true` to defineCommand('close-room', …)"],
  ['/rooms/queries/message-to-judge', 'POST', "Add `expose: true` to defineQuery('message-to-judge', …)"],
  ['/rooms/live/all-messages?input={}', 'GET', "Add `expose: true` to defineLiveQuery('all-messages', …)"],
])('in development, the 404 of %s names the line to add', async (path, method, line) => {
  const { api } = await served({ development: true })
  const headers = { 'content-type': 'application/json' }
  const request = new Request(origin + path, method === 'POST' ? { method, headers, body: '{}' } : {})
  const response = await api.fetch(request)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ hint: expect.stringContaining(line) })
})

test('the OpenAPI documents list what is exposed, and nothing internal', async () => {
  const { api } = await served()
  for (const path of ['/openapi.json', '/rooms/openapi.json']) {
    const document = (await (await api.fetch(new Request(origin + path))).json()) as { paths: object }
    expect(Object.keys(document.paths)).toEqual([
      '/rooms/commands/post-message',
      '/rooms/queries/message-of',
      '/rooms/live/room-messages',
      '/live',
    ])
    expect(JSON.stringify(document)).not.toContain('forget')
  }
})

test('a call within the process and a lookup reach what is internal', async () => {
  const { system, environment } = await runningRooms()
  const rooms = system.service('rooms')
  await rooms.command('post-message', { messageId: 'a', roomId: 'r1', text: 'x' })
  const about = { name: 'all@chat', pid: 1, startedAt: '2026-01-01T00:00:00.000Z', http: null }
  const control = createControlEndpoint({ system, environment, token: 'right', about, stop: () => {} })
  const headers = { authorization: 'Bearer right', 'content-type': 'application/json' }
  const request = { service: 'rooms', query: 'message-to-judge', input: '{"messageId":"a"}', correlationId: 'c' }
  const answer = await control.fetch(
    new Request('http://127.0.0.1/control/lookup', {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...request, principal: null }),
    }),
  )
  expect(await answer.json()).toMatchObject({ found: true })
  expect(await rooms.command('forget-message', { messageId: 'a' })).toMatchObject({ accepted: true })
  expect(await rooms.query('message-to-judge', { messageId: 'a' })).toBeUndefined()
})
