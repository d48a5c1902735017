// P3 for callers: a repetition under an idempotency key gets the first answer, whatever the schema fills in; a key is nobody else's; and an
// answer is kept for as long as the service says.

import { defineCommand, defineService, defineTable, reject } from 'tidings'
import type { CommandResult, HandleCommandOptions } from 'tidings/runtime'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'

const dayMs = 86_400_000

const entries = defineTable('entries')
  .version(1, z.object({ id: z.string(), by: z.string() }))
  .key(({ id }) => id)

const Pay = defineCommand('pay', { input: z.object({ cents: z.number() }), output: z.object({ to: z.string() }) })
const Refund = defineCommand('refund', { input: z.object({ cents: z.number() }) })

let numbers = 0
const noteInput = z.object({
  text: z.string().transform((text) => text.toUpperCase()),
  labels: z.record(z.string(), z.number()),
  noteId: z.string().default(() => `n-${++numbers}`),
})
const Note = defineCommand('note', { input: noteInput })
/** The same command after a deploy: a default was added, and one more text is refused. */
const LaterNote = defineCommand('note', {
  input: noteInput.extend({ text: z.string().max(3), urgent: z.boolean().default(false) }),
})

const Large = defineCommand('large', { input: z.object({ length: z.number() }), output: z.string() })

const ledger = (
  options: { note?: typeof Note | typeof LaterNote; keepDays?: number; payloadBytesMax?: number } = {},
) => {
  const { note = Note, keepDays, payloadBytesMax } = options
  const service = defineService('ledger', {
    tables: { entries },
    ...(keepDays === undefined ? {} : { idempotencyKeepDays: keepDays }),
    ...(payloadBytesMax === undefined ? {} : { limits: { payloadBytesMax } }),
  })
  return service.with({
    pay: service.command(Pay, ({ cents }, { tables, principal, newId }) => {
      if (cents > 900) return reject('too-much', `${principal?.id} may not.`)
      const by = `${principal?.tenant}/${principal?.id}`
      tables.entries.put({ id: newId(), by })
      return { to: by }
    }),
    refund: service.command(Refund, (_input, { tables, newId }) => {
      tables.entries.put({ id: newId(), by: 'refund' })
    }),
    note: service.command(note as typeof Note, {}, ({ noteId }, { tables }) => {
      tables.entries.put({ id: noteId, by: 'note' })
    }),
    large: service.command(Large, ({ length }) => 'x'.repeat(length)),
  })
}

const send = (world: World, command: string, input: unknown, options: HandleCommandOptions) =>
  world.run(world.system.service('ledger').command(command, input, options)) as Promise<CommandResult>

/** Days pass while the service is stopped; then it has a few seconds to prune. */
async function later(world: World, ms: number, services = [ledger()]): Promise<void> {
  world.clock.setNow(world.clock.now() + ms)
  await world.restart(services)
  await world.advance(5_000)
}

const entryCount = (world: World) => world.system.service('ledger').store.count('entries')

async function ofEach(kind: EngineKind): Promise<void> {
  const world = await createWorld(kind, [ledger()])
  const idempotencyKey = 'order-1'
  const principals = [
    null,
    'alice',
    'bob',
    { id: 'alice', tenant: 'acme' },
    { id: 'alice', tenant: 'umbrella' },
    { id: 'acme', tenant: 'alice' },
  ]
  for (const principal of principals) {
    const first = await send(world, 'pay', { cents: 1 }, { idempotencyKey, principal })
    expect(first, 'it is carried out for each').toMatchObject({ accepted: true, replayed: false })
    const again = await send(world, 'pay', { cents: 1 }, { idempotencyKey, principal })
    expect(again).toEqual({ ...first, replayed: true, token: again.token })
  }
  expect(await entryCount(world)).toBe(principals.length)
  const refused = await send(world, 'pay', { cents: 901 }, { idempotencyKey: 'k', principal: 'alice' })
  expect(refused).toMatchObject({ accepted: false, rejection: { message: 'alice may not.' } })
  const other = await send(world, 'pay', { cents: 901 }, { idempotencyKey: 'k', principal: 'bob' })
  expect(other).toMatchObject({ accepted: false, replayed: false, rejection: { message: 'bob may not.' } })
  await world.close()
}

promise('P3', 'an idempotency key belongs to its principal and tenant: nobody gets the answer of another', ofEach)

promise('P3', 'a principal may use one idempotency key for several commands', async (kind) => {
  const world = await createWorld(kind, [ledger()])
  const options = { idempotencyKey: 'order-1', principal: 'alice' }
  expect(await send(world, 'pay', { cents: 1 }, options)).toMatchObject({ replayed: false })
  expect(await send(world, 'refund', { cents: 1 }, options)).toMatchObject({ replayed: false })
  await expect(send(world, 'refund', { cents: 2 }, options)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  expect(await entryCount(world)).toBe(2)
  await world.close()
})

async function honestRetry(kind: EngineKind): Promise<void> {
  const world = await createWorld(kind, [ledger()])
  const options = { idempotencyKey: 'k', principal: 'alice' }
  const first = await send(world, 'note', { text: 'hello', labels: { b: 2, a: 1, 10: 3, 9: 4 } }, options)
  expect(first).toMatchObject({ accepted: true, replayed: false })
  const again = { labels: { 9: 4, 10: 3, a: 1, b: 2 }, text: 'hello' }
  expect(await send(world, 'note', again, options)).toMatchObject({ replayed: true, commandId: first.commandId })
  for (const changed of [
    { ...again, text: 'HELLO' },
    { ...again, labels: {} },
    { ...again, noteId: 'n-1' },
  ])
    await expect(send(world, 'note', changed, options)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  await world.restart([ledger({ note: LaterNote })])
  expect(await send(world, 'note', again, options), 'after a deploy').toMatchObject({
    replayed: true,
    commandId: first.commandId,
  })
  await expect(send(world, 'note', again, { idempotencyKey: 'other' })).rejects.toMatchObject({
    code: 'INVALID_PAYLOAD',
  })
  expect(await entryCount(world)).toBe(1)
  await world.close()
}

promise(
  'P3',
  'an honest retry gets the first answer: with random defaults, members in another order, and after a deploy that changed the schema',
  honestRetry,
)

promise('P3', 'an answer is kept for idempotencyKeepDays; a later repetition is a new command', async (kind) => {
  const world = await createWorld(kind, [ledger({ keepDays: 30 })])
  const options = { idempotencyKey: 'k', principal: 'alice' }
  const first = await send(world, 'pay', { cents: 1 }, options)
  for (let number = 0; number < 500; number++)
    await send(world, 'refund', { cents: 1 }, { idempotencyKey: `k${number}` })
  await later(world, 30 * dayMs - 3_600_000, [ledger({ keepDays: 30 })])
  expect(await send(world, 'pay', { cents: 1 }, options)).toMatchObject({ replayed: true, commandId: first.commandId })
  await later(world, 2 * 3_600_000, [ledger({ keepDays: 30 })])
  const { store } = world.system.service('ledger')
  expect(await store.count('tidings.answers')).toBe(0)
  const anew = await send(world, 'pay', { cents: 1 }, options)
  expect(anew).toMatchObject({ accepted: true, replayed: false })
  expect(anew.commandId).not.toBe(first.commandId)
  await world.close()
})

promise(
  'P3',
  'answers of earlier builds are kept for as long, counted from the first start of this one',
  async (kind) => {
    const world = await createWorld(kind, [ledger()])
    const earlier = Array.from({ length: 450 }, (_, number) => ({
      table: 'tidings.commands',
      key: `old-${number}`,
      row: { schemaVersion: 1, json: '{"command":"pay","input":"-","commandId":"c"}', columns: [] },
    }))
    await world.system.service('ledger').store.commit({ checks: [], rows: earlier, appends: [], events: [] })
    await world.restart([ledger({ keepDays: 2 })])
    await world.advance(2 * dayMs - 60_000)
    const count = () => world.system.service('ledger').store.count('tidings.commands')
    expect(await count()).toBe(450)
    await expect(send(world, 'pay', { cents: 1 }, { idempotencyKey: 'old-1' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    await world.advance(2 * 3_600_000)
    expect(await count()).toBe(0)
    expect(await send(world, 'pay', { cents: 1 }, { idempotencyKey: 'old-1' })).toMatchObject({ replayed: false })
    await world.close()
  },
)

promise('P3', 'without idempotencyKeepDays answers are kept for ever', async (kind) => {
  const world = await createWorld(kind, [ledger()])
  const first = await send(world, 'pay', { cents: 1 }, { idempotencyKey: 'k' })
  await later(world, 3_650 * dayMs)
  expect(await send(world, 'pay', { cents: 1 }, { idempotencyKey: 'k' })).toMatchObject({
    replayed: true,
    commandId: first.commandId,
  })
  await world.close()
})

promise('P11', 'a raised payloadBytesMax holds for answers under idempotency keys', async (kind) => {
  const world = await createWorld(kind, [ledger({ payloadBytesMax: 400_000 })])
  const options = { idempotencyKey: 'k' }
  const first = await send(world, 'large', { length: 399_998 }, options)
  expect(first).toMatchObject({ accepted: true, replayed: false })
  expect(await send(world, 'large', { length: 399_998 }, options)).toMatchObject({
    replayed: true,
    output: expect.any(String),
  })
  await world.close()
})
