// P2 and P3 for a service that was renamed: it takes over its store, and everybody goes on where they were with its events.

import { defineCommand, defineEvent, defineService, defineTable, type Service } from 'tidings'
import { deferredEvents } from 'tidings/operations'
import { expect } from 'vitest'
import { z } from 'zod'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const letter = z.object({ to: z.string(), number: z.number() })
const counts = defineTable('counts')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)
const heard = defineTable('heard')
  .version(1, z.object({ to: z.string(), numbers: z.array(z.number()) }))
  .key(({ to }) => to)
const Send = defineCommand('send', { input: letter })

/** The sender under a name, which counts what it has published by hearing itself, and its reader. */
function lettersOf(owner: string, was?: string, refusesFrom = Number.POSITIVE_INFINITY): readonly [Service, Service] {
  const Sent = defineEvent('test.letter-sent', { owner, pattern: 'notification' })
    .version(1, letter)
    .key(({ to }) => to)
  const sender = defineService(owner, { publishes: [Sent], tables: { counts }, ...(was === undefined ? {} : { was }) })
  const reader = defineService('reader', { tables: { heard }, limits: { attemptsMax: 1 } })
  return [
    sender.with({
      send: sender.command(Send, { publishes: [Sent] }, (sent, { publish }) => publish(Sent, sent)),
      count: sender.on(Sent, async ({ to }, { tables }) => {
        const before = await tables.counts.get(to)
        tables.counts.put({ to, count: (before?.count ?? 0) + 1 })
      }),
    }),
    reader.with({
      read: reader.on(Sent, async ({ to, number }, { tables }) => {
        if (number >= refusesFrom) throw new Error('not today')
        const before = await tables.heard.get(to)
        tables.heard.put({ to, numbers: [...(before?.numbers ?? []), number] })
      }),
    }),
  ]
}

async function send(world: World, service: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const input = { to: text.slice(0, 1), number: Number(text.slice(1)) }
    await world.run(world.system.service(service).command('send', input))
  }
}

const read = (world: World) => rowsOf(world, 'reader', 'heard')

promise(
  'P2 P3',
  'a service that was renamed takes over its store, and everybody goes on where they were',
  async (kind) => {
    const world = await createWorld(kind, lettersOf('post', undefined, 3))
    await send(world, 'post', 'a1', 'a2', 'b3', 'b4')
    await world.settle()
    const renamed = lettersOf('mail', 'post')
    await world.restart(renamed)
    await send(world, 'mail', 'a5', 'c6')
    await world.settle()
    expect(await rowsOf(world, 'mail', 'counts')).toEqual([
      { to: 'a', count: 3 },
      { to: 'b', count: 2 },
      { to: 'c', count: 1 },
    ])
    expect(await read(world), 'nothing is handled again').toEqual([
      { to: 'a', numbers: [1, 2, 5] },
      { to: 'c', numbers: [6] },
    ])
    const parked = deferredEvents(world.system.service('reader')).map(
      ({ source, key, state }) => `${source} ${key} ${state}`,
    )
    expect(parked, 'what is deferred stays deferred').toEqual(['mail b parked', 'mail b blocked'])
    // The old name may stay in the declaration, and go.
    await world.restart(renamed)
    await send(world, 'mail', 'a7')
    await world.settle()
    await world.restart(lettersOf('mail'))
    await send(world, 'mail', 'a8')
    await world.settle()
    expect((await read(world))[0]).toEqual({ to: 'a', numbers: [1, 2, 5, 7, 8] })
    await world.close()
  },
)

promise(
  'P3',
  'a reader that is not told of the new name stops instead of handling all of history again',
  async (kind) => {
    const world = await createWorld(kind, lettersOf('post'))
    await send(world, 'post', 'a1', 'a2')
    await world.settle()
    await world.restart([lettersOf('mail', 'post')[0]])
    await send(world, 'mail', 'a3')
    await world.settle()
    const [sender, reader] = lettersOf('mail')
    await world.restart([sender, reader])
    await world.advance(10_000)
    expect(world.system.service('reader').status.subscriptions[0]).toMatchObject({
      state: 'stopped',
      error: { code: 'EPOCH_CHANGED', hint: expect.stringContaining("defineService('mail', { was: 'post' })") },
    })
    expect(await read(world)).toEqual([{ to: 'a', numbers: [1, 2] }])
    await world.restart(lettersOf('mail', 'post'))
    await world.settle()
    expect(await read(world)).toEqual([{ to: 'a', numbers: [1, 2, 3] }])
    await world.close()
  },
)

promise('P5', 'a start that is refused is not taken for a crash at the next start', async (kind) => {
  const services = lettersOf('post')
  const world = await createWorld(kind, services)
  await send(world, 'post', 'a1')
  await world.settle()
  const [sender, reader] = lettersOf('post')
  const [added] = reader.handlers
  if (added === undefined) throw new Error('no handler')
  const late = { ...reader, handlers: [added, { ...added, name: 'added' }] }
  await expect(world.restart([sender, late])).rejects.toMatchObject({ code: 'LATE_HANDLER' })
  await world.restart(services)
  await send(world, 'post', 'a2')
  await world.settle()
  expect(world.lines.filter(({ message }) => message.startsWith('The previous run crashed'))).toEqual([])
  expect(await read(world)).toEqual([{ to: 'a', numbers: [1, 2] }])
  await world.close()
})
