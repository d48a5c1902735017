// P5 and P2: nothing leaves a list of parked events unhandled. A handler that was renamed takes its parked events along; those of one that no longer
// exists stay, and say so.

import { defineCommand, defineEffect, defineService, defineTable, type Service } from 'tidings'
import { deferredEvents, redrive } from 'tidings/operations'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'
import { LetterSent, post, sendLetters } from './systems/letters.ts'

const notes = defineTable('notes')
  .version(1, z.object({ id: z.string(), by: z.array(z.string()) }))
  .key(({ id }) => id)

interface Handler {
  readonly fails?: boolean
  readonly from?: 'beginning' | 'now'
  readonly was?: string
  readonly subscriber?: string
}

/** A desk with these handlers of letters; each notes its name. */
function deskOf(
  handlers: Readonly<Record<string, Handler>>,
  subscribers: Readonly<Record<string, { was: string }>> = {},
): Service {
  const desk = defineService('desk', { tables: { notes }, limits: { attemptsMax: 1 }, subscribers })
  return desk.with(
    Object.fromEntries(
      Object.entries(handlers).map(([name, { fails = false, ...options }]) => [
        name,
        desk.on(LetterSent, options, async ({ to, number }, { tables }) => {
          if (fails) throw new Error(`${name} fails`)
          const id = `${to}${number}`
          const before = await tables.notes.get(id)
          tables.notes.put({ id, by: [...(before?.by ?? []), name] })
        }),
      ]),
    ),
  )
}

const desk = (world: World) => world.system.service('desk')
const deferred = (world: World) =>
  deferredEvents(desk(world)).map(({ key, state, error, position }) => [
    `${key}${Number(position)}`,
    state,
    error?.code,
  ])
async function noted(world: World): Promise<Record<string, unknown>> {
  return Object.fromEntries((await rowsOf(world, 'desk', 'notes')).map(({ id, by }) => [id, by]))
}
async function redriveAll(world: World, options: { withoutGone?: boolean } = {}) {
  const redrives = await world.run(redrive(desk(world), {}, { dryRun: false, ...options }))
  await world.settle()
  return redrives
}

async function parkedUnderTheOldName(kind: EngineKind, between?: Between): Promise<World> {
  const world = await createWorld(kind, [post, deskOf({ oldName: { fails: true } })], between)
  await sendLetters(world, 'a1', 'b2', 'a3')
  await world.settle()
  expect(deferred(world)).toEqual([
    ['a1', 'parked', 'HANDLER_FAILED'],
    ['b2', 'parked', 'HANDLER_FAILED'],
    ['a3', 'blocked', undefined],
  ])
  return world
}

promise(
  'P5',
  'a handler that is renamed and says what it was takes its parked events along [trap: parked-swallowed]',
  async (kind) => {
    const world = await parkedUnderTheOldName(kind)
    await world.restart([post, deskOf({ newName: { was: 'old-name' } })])
    await sendLetters(world, 'c4')
    await world.settle()
    expect(await noted(world)).toEqual({ c4: ['newName'] })
    await redriveAll(world)
    expect(await noted(world)).toEqual({ a1: ['newName'], a3: ['newName'], b2: ['newName'], c4: ['newName'] })
    await world.restart([post, deskOf({ newest: { was: 'new-name' } })])
    await sendLetters(world, 'c5')
    await world.settle()
    expect(await noted(world), 'and once more').toMatchObject({ c5: ['newest'] })
    expect(deferred(world)).toEqual([])
    await world.close()
  },
)

promise(
  'P5',
  'a redrive of events whose handler no longer exists says so and keeps them [trap: parked-swallowed]',
  async (kind) => {
    const world = await parkedUnderTheOldName(kind)
    await world.restart([post, deskOf({ newName: { from: 'now' } })])
    expect(await redriveAll(world)).toMatchObject([
      { key: 'a', gone: ['old-name'] },
      { key: 'b', gone: ['old-name'] },
    ])
    expect(deferred(world)).toHaveLength(3)
    expect(await noted(world), 'nothing was run').toEqual({})
    await world.restart([post, deskOf({ newName: { from: 'now', was: 'old-name' } })])
    await redriveAll(world)
    expect(await noted(world)).toEqual({ a1: ['newName'], a3: ['newName'], b2: ['newName'] })
    await world.close()
  },
)

promise(
  'P5',
  'one of two handlers of a parked event is gone: the other does not make it disappear [trap: parked-swallowed]',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf({ first: {}, second: { fails: true } })])
    await sendLetters(world, 'a1', 'a2')
    await world.settle()
    await world.restart([post, deskOf({ first: {} })])
    expect(await redriveAll(world)).toMatchObject([{ key: 'a', gone: ['second'] }])
    expect(deferred(world)).toEqual([
      ['a1', 'parked', 'HANDLER_FAILED'],
      ['a2', 'blocked', undefined],
    ])
    expect(await redriveAll(world, { withoutGone: true }), 'an operator decides to go on without it').toHaveLength(1)
    expect(await noted(world)).toEqual({ a1: ['first'] })
    expect(deferred(world)).toEqual([['a2', 'parked', 'HANDLER_GONE']])
    await redriveAll(world, { withoutGone: true })
    expect(await noted(world)).toEqual({ a1: ['first'], a2: ['first'] })
    await world.close()
  },
)

promise(
  'P5',
  'what an earlier build parked, without the name of its handler, is not swallowed either [trap: parked-swallowed]',
  async (kind) => {
    const world = await parkedUnderTheOldName(kind, {
      spoil: (unit) => ({
        ...unit,
        rows: unit.rows.map((write) => {
          if (write.table !== 'tidings.held' || write.row === null) return write
          const { handlers: _, ...row } = JSON.parse(write.row.json)
          return { ...write, row: { ...write.row, json: JSON.stringify(row) } }
        }),
      }),
    })
    await world.restart([post, deskOf({ newName: { from: 'now' } })])
    await redriveAll(world)
    expect(deferred(world)).toEqual([
      ['a1', 'parked', 'HANDLER_GONE'],
      ['b2', 'parked', 'HANDLER_GONE'],
      ['a3', 'blocked', undefined],
    ])
    await world.close()
  },
)

promise(
  'P5',
  'what a subscriber left behind that no longer exists is shown, kept and logged [trap: parked-swallowed]',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf({ read: { subscriber: 'mail', fails: true } })])
    await sendLetters(world, 'a1')
    await world.settle()
    await world.restart([post, deskOf({ other: { subscriber: 'main' } })])
    await world.settle()
    expect(deferredEvents(desk(world), { subscriber: 'mail' })).toMatchObject([{ key: 'a', state: 'parked' }])
    expect(await redriveAll(world)).toMatchObject([{ subscriber: 'mail', gone: ['read'] }])
    expect(deferred(world)).toHaveLength(1)
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'Deferred events are kept for a subscriber that no longer exists',
        fields: expect.objectContaining({ subscriber: 'mail', source: 'post', events: 1 }),
      }),
    )
    await world.restart([post, deskOf({ read: { subscriber: 'mail' } })])
    await redriveAll(world)
    expect(await noted(world), 'declared again, it is handled').toMatchObject({ a1: expect.arrayContaining(['read']) })
    await world.restart([post, deskOf({ other: { subscriber: 'main' } })])
    expect(deferred(world)).toEqual([])
    await world.close()
  },
)

promise(
  'P5',
  'a subscriber that is renamed and says what it was goes on where it was, with its parked events [trap: parked-swallowed]',
  async (kind) => {
    const world = await createWorld(kind, [post, deskOf({ read: { subscriber: 'mail' } })])
    await sendLetters(world, 'a1')
    await world.settle()
    await world.restart([post, deskOf({ read: { subscriber: 'mail', fails: true } })])
    await sendLetters(world, 'b2')
    await world.settle()
    await world.restart([post, deskOf({ read: { subscriber: 'letters' } }, { letters: { was: 'mail' } })])
    await sendLetters(world, 'c3')
    await world.settle()
    expect(await noted(world), 'nothing is handled a second time').toEqual({ a1: ['read'], c3: ['read'] })
    expect(deferredEvents(desk(world))).toMatchObject([{ subscriber: 'letters', key: 'b', state: 'parked' }])
    await redriveAll(world)
    expect(await noted(world)).toEqual({ a1: ['read'], b2: ['read'], c3: ['read'] })
    await world.close()
  },
)

promise('P3', 'a handler that has caught up handles nothing again under a new name', async (kind) => {
  const world = await createWorld(kind, [post, deskOf({ first: {} })])
  await sendLetters(world, 'a1', 'b2')
  await world.settle()
  await world.restart([post, deskOf({ first: {}, late: { from: 'beginning' } })])
  await sendLetters(world, 'c3')
  await world.settle()
  await world.restart([post, deskOf({ first: {}, later: { from: 'beginning', was: 'late' } })])
  await sendLetters(world, 'd4')
  await world.settle()
  expect(await noted(world)).toEqual({
    a1: ['first', 'late'],
    b2: ['first', 'late'],
    c3: ['first', 'late'],
    d4: ['first', 'later'],
  })
  await world.restart([post, deskOf({ first: {}, later: { from: 'beginning' } })])
  await world.settle()
  expect((await noted(world)).a1, 'nor when the old name is gone').toEqual(['first', 'late'])
  await world.close()
})

const Ask = defineCommand('ask', { input: z.object({ to: z.string(), minutes: z.number() }) })

function mailer(name: string, options: { was?: string; fails?: boolean }, sent: string[]): Service {
  const Send = defineEffect(name, { input: z.object({ to: z.string() }), key: ({ to }) => to })
  const definition = defineService('mailer')
  return definition.with({
    ask: definition.command(Ask, { requests: [Send] }, ({ to, minutes }, { request }) => {
      request(Send, { to }, { after: { minutes } })
    }),
    send: definition.effect(Send, {
      ...(options.was === undefined ? {} : { was: options.was }),
      attemptsMax: 1,
      perform: ({ to }) => {
        if (options.fails === true) throw new Error('down')
        sent.push(to)
      },
    }),
  })
}

promise(
  'P5',
  'an effect that is renamed and says what it was performs what was requested under its old name [trap: parked-swallowed]',
  async (kind) => {
    const sent: string[] = []
    const world = await createWorld(kind, [mailer('send-mail', { fails: true }, sent)])
    const service = () => world.system.service('mailer')
    await world.run(service().command('ask', { to: 'now', minutes: 0 }))
    await world.run(service().command('ask', { to: 'later', minutes: 1 }))
    await world.settle()
    expect(deferredEvents(service())).toMatchObject([{ key: 'now', state: 'parked' }])
    await world.restart([mailer('send-letter', {}, sent)])
    await world.advance(120_000)
    expect(deferredEvents(service()), 'without its old name, it is kept').toMatchObject([
      { subscriber: 'effect.send-mail' },
    ])
    expect(world.lines).toContainEqual(
      expect.objectContaining({ message: 'Requested effects are kept that nothing performs' }),
    )
    await world.restart([mailer('send-letter', { was: 'send-mail' }, sent)])
    await world.run(redrive(service(), {}, { dryRun: false }))
    await world.settle()
    expect(sent.sort()).toEqual(['later', 'now'])
    expect(deferredEvents(service())).toEqual([])
    await world.close()
  },
)

promise('P5', 'an operator can give up what nobody handles any more', async (kind) => {
  const world = await parkedUnderTheOldName(kind)
  await world.restart([post, deskOf({ other: { subscriber: 'other' } })])
  await world.settle()
  expect(deferred(world)).toHaveLength(3)
  await redriveAll(world, { withoutGone: true })
  expect(deferred(world)).toEqual([])
  await world.restart()
  await world.close()
})

test('an old name that another handler has is refused', () => {
  expect(() => deskOf({ one: {}, two: { was: 'one' } })).toThrow(
    'Handler two of desk says that it was one, which is the name of another handler, now or before.',
  )
})
