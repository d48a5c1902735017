// P12 for failures: what is deferred, recorded, logged and listed of an event shows which event it is and why it failed, and none of its data.

import { defineCommand, defineEvent, defineService, TidingsError } from 'tidings'
import { deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import { promise } from './setup/promise-test.ts'
import { createWorld } from './setup/world.ts'

const secret = 'iban-4711'
const person = z.object({ id: z.string(), iban: z.string() })
const Joined = defineEvent('test.joined', { owner: 'club', pattern: 'notification' })
  .version(1, person)
  .key(({ id }) => id)
const Join = defineCommand('join', { input: person })
const Billed = defineEvent('test.billed', { owner: 'bank', pattern: 'notification' })
  .version(1, z.object({ id: z.string(), iban: z.number() }))
  .key(({ id }) => id)

/** How a handler fails that has read the data. */
const failures: Readonly<Record<string, (data: z.infer<typeof person>, publish: (data: never) => void) => unknown>> = {
  'an error with details': (data) => {
    throw new TidingsError('INVALID_PAYLOAD', 'This cannot be billed.', {
      details: { data },
      cause: new Error(data.iban),
    })
  },
  'an event that is not valid': (data, publish) => publish({ ...data } as never),
  'a payload that is none': (data, publish) => publish({ id: data.id, iban: () => data.iban } as never),
  'something that is no error': (data) => Promise.reject(data),
  'a field of no event': (data) => (data as unknown as { bank: { iban: string } }).bank.iban,
  'an answer that never comes': () => new Promise(() => {}),
}

promise(
  'P12',
  'the data of an event that failed appear in no retry queue, record, log line or list [trap: access]',
  async (kind) => {
    const clubDefinition = defineService('club', { publishes: [Joined] })
    const club = clubDefinition.with({
      join: clubDefinition.command(Join, { publishes: [Joined] }, (input, { publish }) => publish(Joined, input)),
    })
    const limits = { attemptsMax: 2, retryDelayMs: 10, retryDelayMsMax: 10, handlerTimeoutMs: 100 }
    const bankDefinition = defineService('bank', { publishes: [Billed], limits })
    const bank = bankDefinition.with({
      bill: bankDefinition.on(Joined, { publishes: [Billed] }, async (data, { publish }) => {
        await failures[data.id]?.(data, (said: never) => publish(Billed, said))
      }),
    })
    const world = await createWorld(kind, [club, bank])
    for (const id of Object.keys(failures))
      await world.run(world.system.service('club').command('join', { id, iban: secret }))
    await world.advance(5_000)
    const service = world.system.service('bank')
    const deferred = deferredEvents(service)
    expect(deferred.map(({ key, state }) => [key, state])).toEqual(Object.keys(failures).map((id) => [id, 'parked']))
    const { store } = service
    const { events } = await world.system.service('club').store.readEventLog({ after: '', limit: 100 })
    const shown = {
      deferred,
      status: service.status,
      lines: world.lines,
      deliveries: await deliveriesOf(service, events),
      redrives: await world.run(redrive(service, {}, { dryRun: true })),
      kept: await Promise.all((await store.tableNames()).map((table) => store.find({ table, limit: 1_000 }))),
    }
    expect(JSON.stringify(shown)).toContain('This cannot be billed.')
    for (const [name, what] of Object.entries(shown)) expect(JSON.stringify(what), name).not.toContain(secret)
    await world.close()
  },
)
