// Timers and effects that are set for any time: refused with a code, or due then; they never delay what comes due later.

import fc from 'fast-check'
import { defineCommand, defineEffect, defineService, defineTable, type Service, timer } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { engines } from '../promises/setup/engines.ts'
import { createWorld } from '../promises/setup/world.ts'
import { rowsOf } from '../promises/systems/fulfilment.ts'
import { reasonOf } from './reason-of.ts'

const id = z.object({ id: z.string() })
const done = defineTable('done')
  .version(1, id)
  .key((row) => row.id)
const Later = defineCommand('later', { input: z.object({ id: z.string(), how: z.string(), value: z.any() }) })
const Carry = defineEffect('carry', { input: id, key: (data) => data.id })

function laterService(): Service {
  const later = defineService('later', { tables: { done }, timers: { ring: timer(id) } })
  return later.with({
    later: later.command(Later, { requests: [Carry] }, ({ id: key, how, value }, { timers, request }) => {
      if (how === 'after') timers.ring.after(key, value, { id: key })
      if (how === 'at') timers.ring.at(key, new Date(value), { id: key })
      if (how === 'every') timers.ring.every(key, value, { id: key })
      if (how === 'effect') request(Carry, { id: key }, { after: value })
    }),
    ring: later.due('ring', (data, { tables }) => tables.done.put(data)),
    carry: later.effect(Carry, {
      perform: () => undefined,
      outcome: (_none, { input, tables }) => tables.done.put(input),
    }),
  })
}

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -10, max: 1_000 }),
  fc.constantFrom(8.64e15, 8.64e15 + 2, -8.64e15, 1e300, -1e300, -0, 5e-324),
)
const spans = fc.record(
  { days: numbers, hours: numbers, minutes: numbers, seconds: numbers, milliseconds: numbers },
  { requiredKeys: [], noNullPrototype: true },
)
const texts = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('* * * * *', '0 0 31 2 *', '@daily', '1 2 3 4', '* * * * * *', 'Mars/Olympus', 'UTC'),
)
const asked = fc.oneof(
  fc.record({ how: fc.constantFrom('after', 'effect'), value: spans }, { noNullPrototype: true }),
  fc.record({ how: fc.constant('at'), value: fc.oneof(numbers, texts) }, { noNullPrototype: true }),
  fc.record(
    {
      how: fc.constant('every'),
      value: fc.record({ cron: texts, timeZone: texts }, { requiredKeys: ['cron'], noNullPrototype: true }),
    },
    { noNullPrototype: true },
  ),
)

for (const kind of engines) {
  test(`P11 (${kind.name}): a timer or an effect for any time is refused with its code, or waits and blocks nothing`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { minLength: 1, maxLength: 10 }),
        fc.date({ noInvalidDate: true }),
        async (all, occurredAt) => {
          const world = await createWorld(kind, [laterService()])
          const service = world.system.service('later')
          const send = (input: object, options: object = {}) =>
            world.run(service.command('later', input, options)).then(() => 'accepted', reasonOf)
          for (const [index, each] of all.entries())
            expect(['accepted', 'INVALID_PAYLOAD', 'PAYLOAD_NOT_JSON']).toContain(
              await send({ id: `any-${index}`, ...each }, { occurredAt }),
            )
          expect(await send({ id: 'timer', how: 'after', value: { seconds: 5 } })).toBe('accepted')
          expect(await send({ id: 'effect', how: 'effect', value: { seconds: 5 } })).toBe('accepted')
          await world.advance(7_000)
          const ids = (await rowsOf(world, 'later', 'done')).map((row) => row.id)
          expect(ids).toContain('timer')
          expect(ids).toContain('effect')
          await world.close()
        },
      ),
      { numRuns: kind.name === 'SQLite' ? 10 : 30 },
    )
  })
}

test('P11: an effect for a time outside the range of dates is refused, as a timer is', async () => {
  const [, kind] = engines
  if (kind === undefined) throw new Error('no engine')
  const world = await createWorld(kind, [laterService()])
  for (const how of ['after', 'effect']) {
    const sent = world.run(world.system.service('later').command('later', { id: 'x', how, value: { days: 1e9 } }))
    await expect(sent.catch((error: unknown) => reasonOf(error))).resolves.toBe('INVALID_PAYLOAD')
  }
  await world.close()
})
