// A query that answers null has answered; one that answers nothing says that what was asked for is gone. Both arrive as they were said.

import { defineCommand, defineEvent, defineQuery, defineService, defineTable } from 'tidings'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { engines } from '../promises/setup/engines.ts'
import { createWorld } from '../promises/setup/world.ts'
import { rowsOf } from '../promises/systems/fulfilment.ts'

const Asked = defineEvent('test.asked', { owner: 'clinic', pattern: 'notification' })
  .version(1, z.object({ id: z.string() }))
  .key(({ id }) => id)
const Ask = defineCommand('ask', { input: z.object({ id: z.string() }), output: z.null() })
const AllergyOf = defineQuery('allergy-of', {
  owner: 'clinic',
  input: z.object({ id: z.string() }),
  output: z.string().nullable(),
})
const heard = defineTable('heard')
  .version(1, z.object({ id: z.string(), answer: z.string() }))
  .key(({ id }) => id)

const clinicDefinition = defineService('clinic', { publishes: [Asked] })
const clinic = clinicDefinition.with({
  ask: clinicDefinition.command(Ask, { publishes: [Asked] }, (data, { publish }) => {
    publish(Asked, data)
    return null
  }),
  allergyOf: clinicDefinition.query(AllergyOf, ({ id }) =>
    id === 'unknown' ? undefined : id === 'healthy' ? null : 'nuts',
  ),
})
const kitchenDefinition = defineService('kitchen', { tables: { heard } })
const kitchen = kitchenDefinition.with({
  hear: kitchenDefinition.on(Asked, { lookups: [AllergyOf] }, async ({ id }, { lookup, tables }) => {
    const answer = await lookup(AllergyOf, { id })
    tables.heard.put({ id, answer: answer === undefined ? 'gone' : (answer ?? 'null') })
  }),
})

describe.each(engines)('Answers of null ($name)', (kind) => {
  test('null stays null, in a query, a lookup, a command and its repetition; nothing is gone', async () => {
    const world = await createWorld(kind, [clinic, kitchen])
    const runtime = world.system.service('clinic')
    expect(await world.run(runtime.query('allergy-of', { id: 'healthy' }))).toBeNull()
    expect(await world.run(runtime.query('allergy-of', { id: 'unknown' }))).toBeUndefined()
    for (const id of ['healthy', 'unknown', 'sick', 'healthy']) {
      const answer = await world.run(runtime.command('ask', { id }, { idempotencyKey: id }))
      expect(answer).toMatchObject({ accepted: true, output: null })
    }
    await world.settle()
    expect(await rowsOf(world, 'kitchen', 'heard')).toEqual([
      { id: 'healthy', answer: 'null' },
      { id: 'sick', answer: 'nuts' },
      { id: 'unknown', answer: 'gone' },
    ])
    await world.close()
  })
})
