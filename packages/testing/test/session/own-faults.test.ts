// A service's own bugs are not the caller's: what its functions publish, write, decide or answer against its own schemas is HANDLER_FAILED.

import { defineCommand, defineDecider, defineEvent, defineQuery, defineService, defineTable, fact } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { given, inSession } from '../../src/index.ts'

const input = z.object({ id: z.string() })
const command = (name: string) => defineCommand(name, { input })
const Happened = defineEvent('test.happened', { owner: 'buggy', pattern: 'notification' })
  .version(1, z.object({ id: z.string().max(3) }))
  .key(({ id }) => id)
const rows = defineTable('rows')
  .version(1, z.object({ id: z.string(), total: z.number() }))
  .key(({ id }) => (id === 'no-key' ? '' : id))
const [Publish, Write, WriteKeyless, Execute, Misuse] = ['publish', 'write', 'write-keyless', 'execute', 'misuse'].map(
  command,
) as [
  ReturnType<typeof command>,
  ReturnType<typeof command>,
  ReturnType<typeof command>,
  ReturnType<typeof command>,
  ReturnType<typeof command>,
]
const Answer = defineCommand('answer', { input, output: z.object({ number: z.number() }) })
const AnswerDate = defineCommand('answer-date', { input, output: z.object({ at: z.date() }) })
const Decide = defineCommand('decide', { input, key: ({ id }) => id })
const DecideAnswer = defineCommand('decide-answer', { input, output: z.object({ n: z.number() }), key: ({ id }) => id })
const Rows = defineQuery('rows', { owner: 'buggy', input, output: z.array(z.number()) })

const entity = defineDecider('entity', {
  commands: { Decide, DecideAnswer },
  facts: { done: fact(z.object({ n: z.number() })) },
  initialState: () => ({}),
  decide: {
    Decide: (_, __, { facts }) => facts.done({ n: 'one' } as never),
    DecideAnswer: (_, __, { answer }) => answer({ n: 'one' } as never),
  },
  evolve: { done: (state) => state },
})

const definition = defineService('buggy', { publishes: [Happened], tables: { rows } })
const buggy = definition.with({
  publish: definition.command(Publish, { publishes: [Happened] }, (_, { publish }) =>
    publish(Happened, { id: 'long' }),
  ),
  write: definition.command(Write, {}, ({ id }, { tables }) => tables.rows.put({ id, total: 'x' } as never)),
  writeKeyless: definition.command(WriteKeyless, {}, (_, { tables }) => tables.rows.put({ id: 'no-key', total: 1 })),
  execute: definition.command(Execute, { executes: [Write] }, async ({ id }, { execute }) => {
    await execute(Write, { id })
  }),
  misuse: definition.command(Misuse, { executes: [Write] }, async (_, { execute }) => {
    await execute(Write, {} as never)
  }),
  answer: definition.command(Answer, {}, () => ({ number: 'one' }) as never),
  answerDate: definition.command(AnswerDate, {}, () => ({ at: new Date() })),
  entity: definition.decider(entity),
  rows: definition.query(Rows, () => ['one'] as never),
})

test.each([
  [Publish.name, 'Command publish failed: Event test.happened is not valid'],
  [Write.name, 'Command write failed: Table rows is not valid'],
  [WriteKeyless.name, 'Command write-keyless failed: '],
  [Execute.name, 'Command execute failed: Table rows is not valid'],
  [Misuse.name, 'Command misuse failed: Command write is not valid'],
  [Answer.name, 'Command answer failed: The answer of command answer is not valid'],
  [AnswerDate.name, 'Command answer-date failed: The answer of command answer-date holds an instance of Date'],
  [Decide.name, 'Command decide failed: '],
  [DecideAnswer.name, 'Command decide-answer failed: The answer of command decide-answer is not valid'],
])('a command that breaks a schema of its own service (%s) has failed, and its caller is not blamed', (name, message) =>
  inSession({ services: [buggy] }, async (session) => {
    const runtime = session.runtime(buggy)
    for (const options of [{}, { idempotencyKey: 'k-1' }])
      await expect(session.drive(runtime.command(name, { id: 'a' }, options))).rejects.toMatchObject({
        code: 'HANDLER_FAILED',
        message: expect.stringContaining(message),
        cause: { code: expect.any(String) },
      })
  }),
)

test('what the caller sent is still the caller’s: the input, and the key in it', () =>
  inSession({ services: [buggy] }, async (session) => {
    const runtime = session.runtime(buggy)
    await expect(session.drive(runtime.command('publish', {}))).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
    await expect(session.drive(runtime.command('decide', { id: '' }))).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(session.drive(runtime.query('rows', {}))).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
  }))

test('a query whose answer breaks its schema has failed', () =>
  inSession({ services: [buggy] }, async (session) => {
    await expect(session.drive(session.runtime(buggy).query('rows', { id: 'a' }))).rejects.toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('Query rows failed: The answer of query rows is not valid'),
    })
  }))

test('a test may expect the reason by its own code', () =>
  given(buggy).when(Publish, { id: 'a' }).thenFails('INVALID_PAYLOAD'))
