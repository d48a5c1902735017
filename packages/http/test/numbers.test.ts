// Numbers in bodies: what a double holds arrives as it was sent, and what would be rounded is refused with both numbers.

import { defineCommand, defineQuery, defineService, defineTable } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createHttpApi } from '../src/index.ts'
import { runningServices } from './rooms.ts'

const reading = z.object({ id: z.string(), value: z.number() })
const readings = defineTable('readings')
  .version(1, reading)
  .key(({ id }) => id)
const Note = defineCommand('note', { expose: true, input: reading })
const Noted = defineQuery('noted', {
  expose: true,
  owner: 'meter',
  input: z.object({ id: z.string() }),
  output: reading,
})
const definition = defineService('meter', { tables: { readings } })
const meter = definition.with({
  note: definition.command(Note, (data, { tables }) => tables.readings.put(data)),
  noted: definition.query(Noted, ({ id }, { tables }) => tables.readings.get(id)),
})

async function served() {
  const { services, environment } = await runningServices([meter])
  const api = createHttpApi({ services, environment })
  return (path: string, body: string) => {
    const headers = { 'content-type': 'application/json' }
    return api.fetch(new Request(`http://localhost/meter/${path}`, { method: 'POST', headers, body }))
  }
}

test.each(['1e22', '9007199254740992', '9007199254740994', '-1152921504606847000', '5e-324', '0.1'])(
  'P11: %s is kept as it was sent, and read again',
  async (number) => {
    const post = await served()
    expect((await post('commands/note', `{"id":"a","value":${number}}`)).status).toBe(200)
    const answer = await (await post('queries/noted', '{"id":"a"}')).text()
    expect(JSON.parse(answer)).toEqual({ id: 'a', value: Number(number) })
  },
)

test.each([
  ['9007199254740993', '9007199254740992'],
  ['1.000000000000000005', '1'],
  ['12345678.123456789012', '12345678.12345679'],
  ['1e400', 'Infinity'],
  ['1e-400', '0'],
])('P11: %s is refused, because it would be read as %s [trap: payloads]', async (number, read) => {
  const post = await served()
  const refused = await post('commands/note', `{"id":"a","value":${number}}`)
  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({
    code: 'PAYLOAD_NOT_JSON',
    detail: `The body has the number ${number}, which would be read as ${read}.`,
    hint: expect.stringContaining('as a text'),
  })
  expect((await post('queries/noted', '{"id":"a"}')).status).toBe(404)
})
