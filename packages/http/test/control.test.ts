// The control endpoint, called with plain requests: behind its token, on any host.

import { redrive } from 'tidings/operations'
import { expect, test } from 'vitest'
import { createControlEndpoint } from '../src/index.ts'
import { runningRooms } from './rooms.ts'

async function controlled() {
  const { system, environment, timeouts } = await runningRooms()
  let stops = 0
  const endpoint = createControlEndpoint({
    system,
    environment,
    token: 'right',
    about: { name: 'all@chat', pid: 1, startedAt: '2026-01-01T00:00:00.000Z', http: null },
    stop: () => {
      stops++
    },
  })
  const ask = (path: string, { token = 'right', ...init }: RequestInit & { token?: string } = {}) =>
    endpoint.fetch(
      new Request(`http://127.0.0.1/control/${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      }),
    )
  return { system, ask, timeouts, stops: () => stops }
}

test.each(['wrong', '', 'right2', 'Right'])('P12: the token %j opens nothing [trap: access]', async (token) => {
  const { ask, stops } = await controlled()
  for (const [path, method] of [
    ['status', 'GET'],
    ['stop', 'POST'],
    ['nothing', 'GET'],
  ] as const)
    expect((await ask(path, { token, method, ...(method === 'POST' ? { body: '{}' } : {}) })).status).toBe(401)
  expect(stops()).toBe(0)
})

test('operations are answered, and unknown or invalid ones are problems', async () => {
  const { ask, system, timeouts, stops } = await controlled()
  await system.service('rooms').command('post-message', { messageId: 'a', roomId: 'r1', text: 'x' })
  const status = (await (await ask('status')).json()) as { services: { service: string }[] }
  expect(status.services.map(({ service }) => service)).toEqual(['rooms', 'quiet'])
  expect(status, 'the name on the wire').toMatchObject({ doors: null })
  expect(await (await ask('events?service=rooms&after=')).json()).toMatchObject({ events: [] })
  const seen = async (path: string, init?: RequestInit) => (await ask(path, init)).status
  expect(await seen('events?limit=0')).toBe(422)
  expect(await seen('nothing')).toBe(404)
  expect(await seen('redrive')).toBe(405)
  expect(await seen('status', { method: 'POST', body: '{}' })).toBe(405)
  expect(await seen('redrive', { method: 'POST', body: '[]' })).toBe(422)
  expect(await seen('rebuild', { method: 'POST', body: '{"service":"rooms","readModel":"none"}' })).toBe(404)
  expect(await seen('stop', { method: 'POST', body: '{}' })).toBe(202)
  await timeouts.advance(0)
  expect(stops()).toBe(1)
})

test('a selection by the old name of subscriber is refused: ignored, it would select every subscriber', async () => {
  const { ask, system } = await controlled()
  for (const [path, init] of [
    ['held?lane=main', {}],
    ['redrive', { method: 'POST', body: '{"selection":{"lane":"main"},"dryRun":false}' }],
  ] as const)
    expect(await (await ask(path, init)).json()).toMatchObject({
      status: 422,
      detail: 'lane is now called subscriber.',
    })
  const selection: object = { lane: 'main' }
  await expect(redrive(system.service('rooms'), selection, { dryRun: true })).rejects.toMatchObject({
    code: 'INVALID_PAYLOAD',
  })
})
