// An `authorize` that does not answer, over real connections: the request ends, in one process and behind the front, and nobody is let in.

import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProcesses } from '../src/child-processes/start-processes.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { roomsWith } from './chat-system.ts'
import { runningShop, temporaryFolder } from './running-shop.ts'

const bundle = (of: unknown) => `/live?of=${encodeURIComponent(JSON.stringify(of))}`
const message = { messageId: 'm1', roomId: 'r1', text: 'x' }

async function answerOf(url: string, body?: object) {
  const headers = { 'content-type': 'application/json', 'x-user': 'nobody-answers' }
  const response = await fetch(
    url,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  )
  return { status: response.status, ...((await response.json()) as object) }
}

const requests: Readonly<Record<string, readonly [path: string, body?: object]>> = {
  'a command': ['/rooms/commands/post-message', message],
  'a live query': ['/rooms/live/room-board?input=%7B%7D'],
  'a bundle of live queries': [bundle([['rooms', 'room-board', {}]])],
  'a document': ['/openapi.json'],
}

test.for(Object.entries(requests))(
  'P11 P12: %s whose authorize never answers ends with AUTHORIZE_TIMEOUT after handlerTimeoutMs, and is logged [trap: access]',
  async ([, [where, body]]) => {
    const asked = Promise.withResolvers<void>()
    const { url, lines, system } = await runningShop({
      config: { services: [roomsWith({ handlerTimeoutMs: 100 })] },
      http: {
        authorize: () => {
          asked.resolve()
          return new Promise(() => {})
        },
      },
    })
    expect(await answerOf(url + where, body)).toMatchObject({
      status: 504,
      code: 'AUTHORIZE_TIMEOUT',
      detail: 'Who the caller is could not be found out within 100 ms: authorize did not answer.',
    })
    await asked.promise
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'A request failed',
        fields: expect.objectContaining({ code: 'AUTHORIZE_TIMEOUT' }),
      }),
    )
    const { events } = await system.service('rooms').store.readEventLog({ after: '', limit: 1 })
    expect(events).toEqual([])
  },
)

test('P11 P12: behind the front too, an authorize that never answers ends the request [trap: access]', async () => {
  const configPath = path.join(import.meta.dirname, 'notes.config.ts')
  const running = await startProcesses(await loadConfig(configPath), configPath, {
    data: temporaryFolder(),
    log: { level: 'silent' },
  })
  onTestFinished(() => running.close())
  const late = { status: 504, code: 'AUTHORIZE_TIMEOUT' }
  const url = running.httpUrl
  expect(await answerOf(url + bundle([['notes', 'my-notes', { number: 1 }]]))).toMatchObject(late)
  expect(await answerOf(`${url}/openapi.json`)).toMatchObject(late)
  expect(await answerOf(`${url}/notes/commands/write-note`, { noteId: 'n1' })).toMatchObject(late)
}, 60_000)
