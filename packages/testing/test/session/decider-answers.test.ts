// A decider answers a command that has an output, with the ids it needs; the answer is kept under an idempotency key like any other.

import { defineCommand, defineDecider, defineService, fact } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { given, inSession } from '../../src/index.ts'

const AddLine = defineCommand('add-line', {
  input: z.object({ order: z.string(), text: z.string() }),
  output: z.object({ lineId: z.string(), count: z.number() }),
  key: ({ order }) => order,
})
const CountLines = defineCommand('count-lines', {
  input: z.object({ order: z.string() }),
  output: z.object({ count: z.number() }),
  key: ({ order }) => order,
})

const lines = defineDecider('lines', {
  commands: { AddLine, CountLines },
  facts: { added: fact(z.object({ lineId: z.string(), text: z.string() })) },
  initialState: () => ({ count: 0 }),
  decide: {
    AddLine: ({ text }, { count }, { facts, answer, newId, reject }) => {
      if (text === '') return reject('empty', 'A line needs a text.')
      const lineId = newId()
      return answer({ lineId, count: count + 1 }, facts.added({ lineId, text }))
    },
    CountLines: (_, { count }, { answer }) => answer({ count }),
  },
  evolve: { added: ({ count }) => ({ count: count + 1 }) },
})
const definition = defineService('orders')
const orders = definition.with({ lines: definition.decider(lines) })

test('a decider answers its command, and a repeated idempotency key gets the same answer', () =>
  inSession({ services: [orders] }, async (session) => {
    const add = (text: string, options = {}) =>
      session.drive(session.runtime(orders).command('add-line', { order: 'o-1', text }, options))
    const first = await add('tea', { idempotencyKey: 'k' })
    expect(first).toMatchObject({ accepted: true, output: { lineId: expect.any(String), count: 1 } })
    expect(await add('tea', { idempotencyKey: 'k' })).toMatchObject({
      ...first,
      replayed: true,
      token: expect.any(String),
    })
    expect(await add('milk')).toMatchObject({ accepted: true, output: { count: 2 } })
    expect(await add('')).toMatchObject({ accepted: false, rejection: { code: 'empty' } })
    expect(await session.drive(session.runtime(orders).command('count-lines', { order: 'o-1' }))).toMatchObject({
      output: { count: 2 },
    })
  }))

test('given/when/then shows a decider’s answer, with ids that are always the same', () => {
  const added = given(lines).when('AddLine', { order: 'o-1', text: 'tea' })
  added.thenAnswers({ lineId: 'id-000000000001', count: 1 })
  added.then([lines.make.added({ lineId: 'id-000000000001', text: 'tea' })])
  given(lines).when('CountLines', { order: 'o-1' }).thenAnswers({ count: 0 })
})
