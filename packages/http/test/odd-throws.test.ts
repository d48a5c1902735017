// Whatever a service throws is a 500 with problem details, and one log line; the caller learns nothing of the inside.

import { defineCommand, defineLiveQuery, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpApi } from '../src/index.ts'
import { runningServices } from './rooms.ts'

const thrown: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  'a text': 'secret',
  // Nobody else waits for it: left alone, it would end the process.
  get 'a promise that is rejected'() {
    return Promise.reject(new Error('secret'))
  },
  'an object without a prototype': Object.assign(Object.create(null), { secret: 1 }),
  'an error without a stack': Object.assign(new Error('secret'), { stack: null }),
  'an error whose getters throw': Object.defineProperties(new Error(), {
    message: { get: () => thrown.nothing?.toString() ?? fail() },
    stack: { get: () => fail() },
    code: { get: () => fail() },
  }),
  'a proxy whose traps throw': new Proxy(new Error('secret'), {
    get: () => fail(),
    getPrototypeOf: () => fail(),
    has: () => fail(),
  }),
}

function fail(): never {
  throw new Error('secret')
}

const Ask = defineCommand('ask', { expose: true, input: z.object({ what: z.string() }) })
const Answer = defineQuery('answer', {
  owner: 'oracle',
  expose: true,
  input: z.object({ what: z.string() }),
  output: z.string(),
})

const definition = defineService('oracle')
const oracle = definition.with({
  ask: definition.command(Ask, ({ what }) => {
    throw thrown[what]
  }),
  answer: definition.query(Answer, async ({ what }) => {
    throw thrown[what]
  }),
})

test.each(
  Object.keys(thrown).flatMap((what) => [
    [what, '/oracle/commands/ask'],
    [what, '/oracle/queries/answer'],
  ]),
)('a service that throws %s is answered at %s with a 500 as problem details, and one log line', async (what, path) => {
  const { services, environment, lines } = await runningServices([oracle])
  const api = createHttpApi({ services, environment })
  const answer = await api.fetch(
    new Request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'tidings-correlation-id': 'visit-1' },
      body: JSON.stringify({ what }),
    }),
  )
  expect(answer.status).toBe(500)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const body = await answer.text()
  expect(JSON.parse(body)).toMatchObject({ code: 'HANDLER_FAILED', status: 500, hint: expect.any(String) })
  expect(body).not.toContain('secret')
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    {
      ...{ service: 'oracle', message: 'A request failed' },
      fields: {
        path,
        correlationId: 'visit-1',
        code: 'HANDLER_FAILED',
        error: expect.any(String),
        hint: expect.stringContaining('deploy'),
      },
    },
  ])
})

const Total = defineCommand('total', { expose: true, input: z.object({}), output: z.object({ total: z.number() }) })
const TotalOf = defineQuery('total-of', {
  expose: true,
  owner: 'till',
  input: z.object({}),
  output: z.object({ total: z.number() }),
})
const till = defineService('till')
const buggyTill = till.with({
  total: till.command(Total, {}, () => ({ total: 'secret' }) as never),
  totalOf: till.query(TotalOf, () => ({ total: 'secret' }) as never),
})

test.each([
  ['/till/commands/total', 'Command total failed: The answer of command total is not valid: /total: '],
  ['/till/queries/total-of', 'Query total-of failed: The answer of query total-of is not valid: /total: '],
])(
  'a service that breaks its own schema at %s is answered with a 500, and the log says what is wrong',
  async (path, error) => {
    const { services, environment, lines } = await runningServices([buggyTill])
    const answer = await createHttpApi({ services, environment }).fetch(
      new Request(`http://localhost${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    )
    expect(answer.status).toBe(500)
    const body = await answer.text()
    expect(JSON.parse(body)).toMatchObject({
      code: 'HANDLER_FAILED',
      detail: `POST ${path} failed; the service's log says why.`,
    })
    expect(body).not.toContain('number')
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { path, code: 'HANDLER_FAILED', error: expect.stringContaining(error) } },
    ])
  },
)

const Stall = defineCommand('stall', { expose: true, input: z.object({}) })
const Idle = defineQuery('idle', { owner: 'mule', expose: true, input: z.object({}), output: z.string() })
const Loads = defineLiveQuery('loads', {
  owner: 'mule',
  expose: true,
  input: z.object({}),
  row: z.object({ id: z.string() }),
})
const loads = defineTable('loads')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
  .index('id')
const mule = defineService('mule', { tables: { loads }, limits: { handlerTimeoutMs: 800 } })
const stubborn = mule.with({
  stall: mule.command(Stall, () => new Promise<void>(() => {})),
  idle: mule.query(Idle, () => new Promise<string>(() => {})),
  loads: mule.live(Loads, { of: 'loads', where: () => new Promise<never>(() => {}) }),
})

test.each([
  ['POST', '/mule/commands/stall', 'COMMAND_TIMEOUT', 'Command stall'],
  ['POST', '/mule/queries/idle', 'QUERY_TIMEOUT', 'Query idle'],
  ['GET', '/mule/live/loads?input={}', 'QUERY_TIMEOUT', 'Live query loads'],
])(
  '%s %s, which never ends, is a 504 after handlerTimeoutMs, and a line in the log',
  async (method, path, code, what) => {
    const { services, environment, lines, timeouts } = await runningServices([stubborn])
    const body = method === 'POST' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}
    const request = new Request(`http://localhost${path}`, { method, ...body })
    const answer = await timeouts.runUntil(createHttpApi({ services, environment }).fetch(request), 1_000)
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ code, detail: `${what} of mule did not finish within 800 ms.` })
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'A request failed', fields: { code, error: expect.stringContaining(what) } },
    ])
  },
)
