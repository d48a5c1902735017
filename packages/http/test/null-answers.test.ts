// Over HTTP a query's null is an answer, and only what is gone is 404. A `next` that a client changed is its own mistake.

import { defineCommand, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpApi } from '../src/index.ts'
import { runningServices } from './rooms.ts'

const Nickname = defineQuery('nickname', {
  owner: 'people',
  expose: true,
  input: z.object({ id: z.string() }),
  output: z.string().nullable(),
})
const People = defineQuery('people', {
  owner: 'people',
  expose: true,
  input: z.object({ after: z.string().optional() }),
  output: z.object({ rows: z.array(z.object({ id: z.string() })).readonly(), next: z.string().optional() }),
})
const Add = defineCommand('add', { expose: true, input: z.object({ id: z.string() }) })
const people = defineTable('people')
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const definition = defineService('people', { tables: { people } })
const service = definition.with({
  add: definition.command(Add, {}, (data, { tables }) => tables.people.put(data)),
  nickname: definition.query(Nickname, ({ id }) => (id === 'gone' ? undefined : null)),
  people: definition.query(People, ({ after }, { tables }) => tables.people.page({ size: 1, after })),
})

async function served() {
  const api = createHttpApi(await runningServices([service]))
  return async (path: string, body: unknown) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await api.fetch(new Request(`http://localhost/people/${path}`, init))
    return { status: response.status, body: (await response.json()) as Record<string, unknown> | null }
  }
}

test('null is 200 with null, and nothing is 404 "gone"', async () => {
  const post = await served()
  expect(await post('queries/nickname', { id: 'a' })).toEqual({ status: 200, body: null })
  expect(await post('queries/nickname', { id: 'gone' })).toMatchObject({ status: 404, body: { code: 'gone' } })
})

test('pages go to a client and back; a `next` that was changed is 400 and says what to send', async () => {
  const post = await served()
  for (const id of ['a', 'b', 'c']) expect((await post('commands/add', { id })).status).toBe(200)
  const ids: unknown[] = []
  let next: unknown
  do {
    const { body } = await post('queries/people', { after: next })
    ids.push(...((body?.rows ?? []) as { id: string }[]).map(({ id }) => id))
    next = body?.next
  } while (next !== undefined && ids.length < 10)
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(await post('queries/people', { after: 'p1:made:up' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_PAGE', hint: expect.stringContaining('next') },
  })
})
