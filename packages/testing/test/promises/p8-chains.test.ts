// P8 Evolvable: in a chain of upcasters, each step gets what the schema of the version before it returns, wherever data are read again.

import { defineCommand, defineEvent, defineService, defineTable, replicaOf } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf, send } from './systems/fulfilment.ts'
import { booksAt, tillAt } from './systems/prices.ts'

const ask = (world: World, service: string, query: string) => world.run(world.system.service(service).query(query, {}))

async function soldByOldCode(kind: EngineKind): Promise<World> {
  const world = await createWorld(kind, [tillAt(1)])
  await send(world, 'till', 'sell', { id: 'a', total: 5 })
  await world.settle()
  return world
}

for (const version of [2, 3]) {
  promise(
    'P8',
    `version ${version} of the code reads the default of version 2 in what version 1 stored: events, facts, rows, states, timers, effects [trap: upcaster]`,
    async (kind) => {
      const world = await soldByOldCode(kind)
      await world.restart([tillAt(version), booksAt(version)])
      await world.settle()
      expect(await ask(world, 'books', 'heard')).toEqual({ handler: '5 EUR', projection: '5 EUR', replica: '5 EUR' })
      await world.advance(3_700_000)
      await world.settle()
      expect(await ask(world, 'till', 'prices')).toEqual({
        row: '5 EUR',
        fact: '5 EUR',
        state: '5 EUR',
        timer: '5 EUR',
        effect: '5 EUR',
        'timer of a process': '5 EUR',
        'state of a process': '5 EUR',
      })
      await world.close()
    },
  )
}

const cents = z.number().transform((euros) => euros * 100)
const older = z.object({ id: z.string(), cents })

/** The contract at version 2, as its publisher knows it; version 1 is what older code knows. */
function paidAt(version: 1 | 2, how: 'compatible' | 'downcast' | 'wrong' = 'compatible') {
  const first = defineEvent('test.paid', { owner: 'payer', pattern: 'state-transfer' }).version(1, older)
  const ofId = ({ id }: { id: string }) => id
  if (version === 1) return first.key(ofId)
  if (how === 'compatible')
    return first
      .version(2, older.extend({ note: z.string() }), (v1) => ({ ...v1, note: '' }), { compatible: true })
      .key(ofId)
  return first
    .version(2, z.object({ id: z.string(), euros: z.number() }), (v1) => ({ id: v1.id, euros: v1.cents / 100 }), {
      downcast: ({ id, euros }) => (how === 'wrong' ? ({ id } as never) : { id, cents: euros * 100 }),
    })
    .key(ofId)
}

function payerWith(Paid: ReturnType<typeof paidAt>) {
  const payer = defineService('payer', { publishes: [Paid] })
  const Pay = defineCommand('pay', { input: z.looseObject({}) })
  return payer.with({
    pay: payer.command(Pay, { publishes: [Paid] }, (data, { publish }) => publish(Paid, data as never)),
  })
}

function readerWith(Paid: ReturnType<typeof paidAt>) {
  const heard = defineTable('heard')
    .version(1, z.looseObject({ id: z.string(), cents: z.number() }))
    .key(({ id }) => id)
  const reader = defineService('reader', { tables: { heard }, replicas: { paid: replicaOf(Paid) } })
  return reader.with({
    hear: reader.on(Paid, (data, { tables }) => tables.heard.put(data as z.output<typeof older>)),
  })
}

for (const [how, input, read] of [
  ['compatible', { id: 'a', cents: 5, note: 'lunch' }, { id: 'a', cents: 500, note: 'lunch' }],
  ['downcast', { id: 'a', euros: 5 }, { id: 'a', cents: 500 }],
] as const) {
  promise('P8', `older code reads 500 cents where 5 euros were published in a newer version (${how})`, async (kind) => {
    const world = await createWorld(kind, [payerWith(paidAt(2, how)), readerWith(paidAt(1))])
    expect(await send(world, 'payer', 'pay', input)).toMatchObject({ accepted: true })
    await world.settle()
    expect(await rowsOf(world, 'reader', 'heard')).toEqual([read])
    expect(await rowsOf(world, 'reader', 'paid@1')).toEqual([read])
    await world.close()
  })
}

promise('P8', 'a downcast that older code cannot read is refused where it is published', async (kind) => {
  const world = await createWorld(kind, [payerWith(paidAt(2, 'wrong')), readerWith(paidAt(1))])
  const refused = await send(world, 'payer', 'pay', { id: 'a', euros: 5 }).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'DOWNCAST_FAILED',
    cause: { message: expect.stringContaining('/cents is missing') },
  })
  await world.settle()
  expect(deferredEvents(world.system.service('reader'))).toEqual([])
  await world.close()
})
