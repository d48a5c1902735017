// P3 and P4 for effects: what was performed is not performed again, whatever becomes of its outcome, and effects of one key are performed in the
// order in which they come due.

import { defineCommand, defineEffect, defineService, defineTable, type Schema } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const charges = defineTable('charges')
  .version(1, z.object({ id: z.string(), cents: z.number() }))
  .key(({ id }) => id)
const request = z.object({
  effects: z.array(z.object({ id: z.string(), to: z.string().default('a'), afterMs: z.number().optional() })),
})
const Ask = defineCommand('ask', { input: request })

interface TillOptions {
  readonly outcome?: Schema<{ cents: number }, { cents: number }>
  /** What the other system answers. */
  readonly answer?: unknown
  readonly onOutcome?: () => unknown
}

const fitting = z.object({ cents: z.number() })

function tillWith({ outcome = fitting, answer = { cents: 5 }, onOutcome }: TillOptions, performed: string[]) {
  const Charge = defineEffect('charge', {
    input: z.object({ id: z.string(), to: z.string() }),
    outcome,
    key: ({ to }) => to,
  })
  const till = defineService('till', { tables: { charges }, limits: { attemptsMax: 1 } })
  return till.with({
    ask: till.command(Ask, { requests: [Charge] }, ({ effects }, context) => {
      for (const { id, to, afterMs } of effects)
        context.request(Charge, { id, to }, afterMs === undefined ? {} : { after: { milliseconds: afterMs } })
    }),
    charge: till.effect(Charge, {
      attemptsMax: 2,
      perform: ({ id }) => {
        performed.push(id)
        return answer as { cents: number }
      },
      outcome: async ({ cents }, { input: { id }, tables }) => {
        await onOutcome?.()
        tables.charges.put({ id, cents })
      },
    }),
  })
}

const till = (world: World) => world.system.service('till')
const ask = (world: World, effects: readonly object[], options: { occurredAt?: Date } = {}) =>
  world.run(till(world).command('ask', { effects }, options))

async function redriven(world: World) {
  await world.run(redrive(till(world), {}, { dryRun: false }))
  await world.settle()
}

promise(
  'P3',
  'an effect whose outcome does not fit is parked, and a redrive handles what was answered without performing it again [trap: performed-again]',
  async (kind) => {
    const performed: string[] = []
    const strict = z.object({ cents: z.number(), currency: z.string() })
    const world = await createWorld(kind, [tillWith({ outcome: strict }, performed)])
    await ask(world, [{ id: 'one' }])
    await world.settle()
    expect(deferredEvents(till(world))).toMatchObject([
      {
        state: 'parked',
        error: { code: 'INVALID_PAYLOAD', hint: expect.stringMatching(/^Correct what `perform` returns/) },
      },
    ])
    await redriven(world)
    world.kill()
    await world.restart()
    await redriven(world)
    expect(performed, 'not while the code is as it was').toEqual(['one'])
    expect(deferredEvents(till(world))).toMatchObject([{ state: 'parked' }])
    await world.restart([tillWith({}, performed)])
    await redriven(world)
    expect(performed).toEqual(['one'])
    expect(await rowsOf(world, 'till', 'charges')).toEqual([{ id: 'one', cents: 5 }])
    expect(await rowsOf(world, 'till', 'tidings.queues')).toEqual([])
    await world.close()
  },
)

promise(
  'P3',
  'an effect whose outcome function fails is not performed again, after a crash either, and its outcome is converted once [trap: performed-again]',
  async (kind) => {
    const performed: string[] = []
    let converted = 0
    const outcome = z.object({ cents: z.number() }).transform(({ cents }) => {
      converted++
      return { cents: cents * 100 }
    })
    const failing = () => {
      throw new Error('cannot be written')
    }
    const world = await createWorld(kind, [tillWith({ outcome, onOutcome: failing }, performed)])
    await ask(world, [{ id: 'one' }])
    await world.settle()
    world.kill()
    await world.restart([tillWith({ outcome }, performed)])
    await redriven(world)
    expect(performed).toEqual(['one'])
    expect(converted).toBe(1)
    expect(await rowsOf(world, 'till', 'charges')).toEqual([{ id: 'one', cents: 500 }])
    await world.close()
  },
)

promise(
  'P3',
  'an answer that cannot be stored is not asked for again: the effect stays parked until its outcome may be missing [trap: performed-again]',
  async (kind) => {
    const performed: string[] = []
    const world = await createWorld(kind, [tillWith({ answer: { cents: 5n } }, performed)])
    await ask(world, [{ id: 'one' }])
    await world.settle()
    await world.restart([tillWith({}, performed)])
    await redriven(world)
    expect(performed).toEqual(['one'])
    expect(deferredEvents(till(world))).toMatchObject([{ state: 'parked', error: { code: 'INVALID_PAYLOAD' } }])
    const missing = fitting.default({ cents: 0 }) as never
    await world.restart([tillWith({ outcome: missing }, performed)])
    await redriven(world)
    expect(await rowsOf(world, 'till', 'charges')).toEqual([{ id: 'one', cents: 0 }])
    await world.close()
  },
)

async function inOrder(kind: EngineKind): Promise<void> {
  const performed: string[] = []
  const world = await createWorld(kind, [tillWith({}, performed)])
  await ask(world, [{ id: 'delayed', afterMs: 60_000 }, { id: 'now' }])
  await world.settle()
  expect(performed, 'a delayed effect holds up none of its key').toEqual(['now'])
  await ask(world, [{ id: 'sooner', afterMs: 10_000 }])
  await world.advance(120_000)
  expect(performed, 'in the order in which they come due').toEqual(['now', 'sooner', 'delayed'])
  performed.length = 0
  // An event of an hour ago: its delays have passed.
  const occurredAt = new Date(world.clock.now() - 3_600_000)
  await ask(world, [{ id: '1' }, { id: '2', afterMs: 60_000 }, { id: '3' }, { id: '4', afterMs: 1_000 }], {
    occurredAt,
  })
  await world.settle()
  expect(performed, 'what is due at once, in the order of the requests').toEqual(['1', '2', '3', '4'])
  await world.close()
}

promise(
  'P4',
  'effects of one key are performed in the order in which they come due, those due at once in the order of their requests [trap: order-lost]',
  (kind) => inOrder(kind),
)
