// P11: a value is parsed once on its way in, and what is read back is the parsed value, whatever the schema makes of its input.

import { defineQuery, defineService } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createSession, given } from '../../src/index.ts'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'
import { rowsOf, send } from './systems/fulfilment.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'
import { parsed, parsingSystem, sent } from './systems/parsing.ts'

async function parsedOnce(kind: EngineKind, times = 1): Promise<void> {
  let failing = true
  const { bank, clerk, runs } = parsingSystem(() => failing)
  const world = await createWorld(kind, [bank, clerk])
  for (let time = 0; time < times; time++)
    expect(await send(world, 'bank', 'pay', sent, `key ${time}`)).toMatchObject({ output: parsed })
  await world.settle()
  await world.advance(60_000)
  expect(deferredEvents(world.system.service('clerk'))).toHaveLength(1)
  failing = false
  await world.run(redrive(world.system.service('clerk'), {}, { dryRun: false }))
  await world.settle()
  await world.advance(3_700_000)
  await world.settle()
  const read = async (service: string, table: string) =>
    Object.fromEntries((await rowsOf(world, service, table)).map(({ where, data }) => [where, data]))
  expect(await read('clerk', 'heard')).toEqual({ event: parsed, lookup: parsed, replica: parsed })
  const ways = ['command', 'effect', 'outcome', 'process fact', 'process timer', 'timer']
  expect(await read('bank', 'seen')).toEqual(Object.fromEntries(ways.map((way) => [way, parsed])))
  expect(await rowsOf(world, 'bank', 'payments')).toEqual([parsed])
  const live = await world.run(world.system.service('bank').live('payments', sent))
  await live?.close()
  expect(runs).toEqual(
    Object.fromEntries(
      [
        ...ways,
        ...['command answer', 'executed command', 'event', 'row', 'fact', 'query', 'query answer'],
        ...['live query', 'live row'],
      ].map((way) => [way, 1]),
    ),
  )
  await world.close()
}

promise(
  'P11',
  'every way in runs a schema once: also with retries, redrives, lookups and timers that come due later',
  (kind) => parsedOnce(kind),
)
brokenPromise('P11', 'a command that is sent twice', (kind) => parsedOnce(kind, 2))

promise('P11', 'an answer that is given again under its idempotency key is not parsed again', async (kind) => {
  const { bank, runs } = parsingSystem()
  const world = await createWorld(kind, [bank])
  const answers = [await send(world, 'bank', 'pay', sent, 'key'), await send(world, 'bank', 'pay', sent, 'key')]
  expect(answers.map((answer) => (answer as { output: unknown }).output)).toEqual([parsed, parsed])
  expect(runs).toMatchObject({ 'command answer': 1, event: 1, row: 1, fact: 1 })
  await world.close()
})

promise('P11', 'facts that are imported are parsed once, in the version that they follow', async (kind) => {
  const { bank, ledger, runs } = parsingSystem()
  const world = await createWorld(kind, [bank])
  const service = world.system.service('bank')
  await world.run(service.append(ledger, 'a', [{ type: 'recorded', data: sent }], { expectedVersion: 0 }))
  const facts = await service.store.readStream('ledger', 'a', 0, 10)
  expect(facts.map(({ data }) => JSON.parse(data))).toEqual([parsed])
  expect(runs).toEqual({ fact: 1 })
  const unknown = service.append(ledger, 'a', [{ type: 'recorded', data: sent, version: 2 }], { expectedVersion: 1 })
  await expect(unknown).rejects.toMatchObject({ code: 'NOT_DECLARED' })
  await world.close()
})

promise(
  'P11',
  'an answer of an owner that runs other code is checked by the one who asks, and not parsed',
  async (kind) => {
    const input = z.object({})
    const Answered = defineQuery('answer', { owner: 'owner', input, output: z.looseObject({ note: z.string() }) })
    const Expected = defineQuery('answer', { owner: 'owner', input, output: z.object({ count: z.number() }) })
    const owner = defineService('owner')
    const asking = defineService('asking')
    const world = await createWorld(kind, [
      post,
      owner.with({ answer: owner.query(Answered, () => ({ note: 'x' })) }),
      asking.with({
        ask: asking.on(
          LetterSent,
          { lookups: [Expected] },
          async (_letter, { lookup }) => void (await lookup(Expected, {})),
        ),
      }),
    ])
    await sendLetters(world, 'a1')
    await world.settle()
    const [parked] = deferredEvents(world.system.service('asking'))
    expect(parked?.error).toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringContaining('/count is missing'),
    })
    await world.close()
  },
)

test('P11: the test kit parses what a test gives once, like the runtime', async () => {
  const { bank, clerk, ledger, Paid, Payment, runs } = parsingSystem()
  await given(bank)
    .tables({ payments: [sent] })
    .facts(ledger, 'a', [['recorded', sent]])
    .when(Payment, sent)
    .thenAnswers(parsed)
  expect(runs).toEqual({ row: 1, fact: 1, query: 1, 'query answer': 1 })
  for (const way of Object.keys(runs)) delete runs[way]
  await given(clerk)
    .replicas({ paid: [sent] })
    .lookups(Payment, (asked) => {
      expect(asked).toEqual(parsed)
      return sent
    })
    .when(Paid, sent)
    .then({ tables: { heard: ['event', 'lookup', 'replica'].map((where) => ({ where, data: parsed })) } })
  expect(runs, 'two events were given: the state of the replica, and the one that is handled').toEqual({
    event: 2,
    query: 1,
    'query answer': 1,
  })
})

test('P11: a session parses what a test sends and publishes once', async () => {
  const { bank, clerk, Paid, Pay, Payment, runs } = parsingSystem()
  await using session = await createSession({ services: [bank], seed: 1 })
  expect(await session.command(bank, Pay, sent)).toMatchObject({ output: parsed })
  expect(await session.query(Payment, sent)).toEqual(parsed)
  await session.settled()
  const ways = ['command', 'command answer', 'executed command', 'event', 'row', 'fact', 'process fact', 'query']
  expect(runs).toMatchObject(Object.fromEntries(ways.map((way) => [way, 1])))
  await using alone = await createSession({
    services: [clerk],
    seed: 1,
    lookups: { ask: async () => ({ found: false }) },
  })
  for (const way of Object.keys(runs)) delete runs[way]
  await alone.publish(Paid, sent)
  await alone.settled()
  expect((await alone.published(Paid)).map(({ data }) => data)).toEqual([parsed])
  expect(runs).toEqual({ event: 1 })
})
