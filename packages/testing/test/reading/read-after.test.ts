// Reading one's own writes: a query that passes a command's token waits, bounded, for what the token covers and for nothing more.

import type { AnswerQueryOptions, CommandResult } from 'tidings/runtime'
import { expect } from 'vitest'
import { chat } from '../live/rooms.ts'
import type { EngineKind } from '../promises/setup/engines.ts'
import { brokenPromise, promise } from '../promises/setup/promise-test.ts'
import { type Between, createWorld, type World } from '../promises/setup/world.ts'
import { boardWith, deskWith, type Steps } from './notes.ts'

const title = 'Read after write'

async function write(world: World, noteId: string, options: object = {}): Promise<CommandResult> {
  const answer = await world.run(world.system.service('desk').command('write-note', { noteId, text: 'x' }, options))
  if (answer === undefined) throw new Error('the run was killed')
  return answer
}

async function ask(
  world: World,
  query: string,
  options: AnswerQueryOptions = {},
  input: unknown = {},
): Promise<string[]> {
  const service = query === 'pinned' ? 'board' : 'desk'
  return ((await world.run(world.system.service(service).query(query, input, options))) as { ids: string[] }).ids
}

/** A world whose steps take as long as the test decides. */
async function slowWorld(kind: EngineKind, ms: (step: string, noteId: string) => number, between: Between = {}) {
  const steps: Steps = { at: (step, noteId) => world.pause(ms(step, noteId)) }
  const world: World = await createWorld(kind, [deskWith(steps), boardWith(steps)], between)
  return world
}

async function seesItsOwn(
  kind: EngineKind,
  show = (token: string): AnswerQueryOptions => ({ after: token }),
): Promise<void> {
  const world = await slowWorld(kind, () => 300)
  const { token } = await write(world, 'a')
  expect(await ask(world, 'notes'), 'without the token it is as it was').toEqual([])
  expect(await ask(world, 'notes', show(token))).toEqual(['a'])
  const second = await write(world, 'b')
  expect(await ask(world, 'heard', show(second.token)), 'a handler of its own events').toEqual(['a', 'b'])
  await world.settle()
  await world.close()
}
promise(title, 'a service shows what the token of its own command covers', (kind) => seesItsOwn(kind))
brokenPromise(title, 'the token is not passed', (kind) => seesItsOwn(kind, () => ({})))

for (const of of ['pins', 'marks', 'notes'] as const) {
  promise(title, `another service shows it in its ${of}`, async (kind) => {
    const world = await slowWorld(kind, () => 300)
    const first = await write(world, 'a')
    const second = await write(world, 'b')
    expect(await ask(world, 'pinned', { after: [first.token, second.token] }, { of })).toEqual(['a', 'b'])
    await world.close()
  })
}

promise(title, 'a query does not wait for later commits', async (kind) => {
  const world = await slowWorld(kind, (_step, noteId) => (noteId === 'slow' ? 20_000 : 0))
  const { token } = await write(world, 'a')
  await world.settle()
  await write(world, 'slow')
  const before = world.clock.now()
  expect(await ask(world, 'notes', { after: token })).toEqual(['a'])
  expect(await ask(world, 'pinned', { after: token }, { of: 'marks' })).toEqual(['a'])
  expect(world.clock.now() - before).toBe(0)
  await world.close()
})

promise(title, 'the wait is bounded by readAfterTimeoutMs for all tokens together, then READ_BEHIND', async (kind) => {
  const steps: Steps = { at: () => world.pause(9_000), limits: { readAfterTimeoutMs: 1_500 } }
  const world: World = await createWorld(kind, [deskWith(steps), boardWith(steps)])
  const tokens = [(await write(world, 'a')).token, (await write(world, 'b')).token]
  for (const [query, input] of [
    ['notes', {}],
    ['pinned', { of: 'pins' }],
  ] as const) {
    const before = world.clock.now()
    await expect(ask(world, query, { after: tokens }, input)).rejects.toMatchObject({
      code: 'READ_BEHIND',
      retry: 'unavailable',
    })
    expect(world.clock.now() - before).toBe(1_500)
  }
  await world.settle()
  expect(await ask(world, 'notes', { after: tokens })).toEqual(['a', 'b'])
  await world.close()
})

promise(title, 'a query waits for an event that is retried, and not for a parked one', async (kind) => {
  let failures = 1
  const steps: Steps = {
    at: (step) => {
      if (step === 'board.marks' && failures-- > 0) throw new Error('not yet')
    },
    limits: { attemptsMax: 3 },
  }
  const world = await createWorld(kind, [deskWith(), boardWith(steps)])
  const first = await write(world, 'a')
  expect(await ask(world, 'pinned', { after: first.token }, { of: 'marks' })).toEqual(['a'])
  failures = 3
  const second = await write(world, 'b')
  expect(await ask(world, 'pinned', { after: second.token }, { of: 'marks' }), 'parked').toEqual(['a'])
  expect(world.system.service('board').status.subscriptions.some(({ parked }) => parked === 1)).toBe(true)
  await world.close()
})

// Asked at every turn around the commit that records the failure: an event that is about to be deferred must not count as handled.
promise(title, 'an event that has just failed is never taken for handled', async (kind) => {
  let failures = 1
  const asked: Promise<unknown>[] = []
  const steps: Steps = {
    at: async (step) => {
      if (step !== 'board.marks') return
      // By then all other subscribers are done, and this one is the only thing to wait for.
      await world.pause(50)
      if (failures-- <= 0) return
      for (let turns = 0; turns < 200; turns++) asked.push(later(turns))
      throw new Error('not yet')
    },
  }
  const later = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) await undefined
    const after = `1:desk:${world.system.service('desk').store.epoch}:1:1`
    return world.system.service('board').query('pinned', { of: 'marks' }, { after })
  }
  const world: World = await createWorld(kind, [deskWith(), boardWith(steps)])
  await write(world, 'a')
  await world.settle()
  expect(asked.length).toBe(200)
  for (const answer of (await world.run(Promise.all(asked))) ?? []) expect(answer).toEqual({ ids: ['a'] })
  await world.close()
})

promise(
  title,
  'the tokens of a command that committed nothing and of a recorded answer cover what was committed before',
  async (kind) => {
    const world = await slowWorld(kind, () => 300)
    const first = await write(world, 'a', { idempotencyKey: 'k' })
    const again = await write(world, 'a', { idempotencyKey: 'k' })
    expect(again).toMatchObject({ replayed: true, commandId: first.commandId })
    expect(await ask(world, 'notes', { after: again.token })).toEqual(['a'])
    await write(world, 'b')
    const rejected = await write(world, 'b')
    expect(rejected.accepted).toBe(false)
    expect(await ask(world, 'notes', { after: rejected.token })).toEqual(['a', 'b'])
    await write(world, 'c')
    const touched = await world.run(world.system.service('desk').command('touch', {}))
    expect(await ask(world, 'notes', { after: touched?.token ?? '' })).toEqual(['a', 'b', 'c'])
    await world.close()
  },
)

promise(title, 'an invalid token is refused, and one that no store can satisfy does not wait', async (kind) => {
  const world = await createWorld(kind, [deskWith(), boardWith()])
  const { token } = await write(world, 'a')
  const [, service, epoch] = token.split(':')
  expect(token.length).toBeLessThanOrEqual(400)
  for (const after of ['', 'x', `${token} `, `${token}0`.padEnd(500, '0'), '1:desk:%:1:1', 7, null, [token, 'x'], {}])
    await expect(ask(world, 'notes', { after: after as string })).rejects.toMatchObject({ code: 'INVALID_TOKEN' })
  await expect(ask(world, 'notes', { after: Array(17).fill(token) })).rejects.toMatchObject({ code: 'INVALID_TOKEN' })
  expect(await ask(world, 'notes', { after: [] }), 'no token').toBeDefined()
  expect(await ask(world, 'notes', { after: '1:nobody:e:5:5' }), 'nothing here follows that service').toEqual(['a'])
  const before = world.clock.now()
  for (const after of [`1:${service}:other:1:1`, `1:${service}:${epoch}:99:0`, `1:${service}:${epoch}:0:99`])
    await expect(ask(world, 'notes', { after })).rejects.toMatchObject({ code: 'READ_BEHIND' })
  expect(world.clock.now()).toBe(before)
  await expect(ask(world, 'pinned', { after: '1:desk:other:1:0' }, { of: 'pins' })).rejects.toMatchObject({
    code: 'READ_BEHIND',
  })
  await world.close()
})

promise(title, 'after a restore, an older token holds up to the kept position', async (kind) => {
  const world = await createWorld(kind, [deskWith(), boardWith()])
  const kept = await write(world, 'a')
  await world.settle()
  await world.restart([deskWith(), boardWith()])
  const restore = await world.engine.backup('desk')
  // The board does not handle what is about to be lost; otherwise it would stop.
  await world.run(world.system.service('board').close())
  const lost = await write(world, 'b')
  await world.restart([deskWith(), boardWith()], restore)
  const after = await write(world, 'c')
  const pinned = (token: string) => ask(world, 'pinned', { after: token }, { of: 'pins' })
  await expect(ask(world, 'notes', { after: lost.token })).rejects.toMatchObject({ code: 'READ_BEHIND' })
  await expect(pinned(lost.token)).rejects.toMatchObject({ code: 'READ_BEHIND' })
  expect(await pinned(kept.token)).toContain('a')
  expect(await pinned(after.token)).toContain('c')
  expect(await ask(world, 'notes', { after: after.token })).toEqual(['a', 'c'])
  await world.close()
})

promise(
  title,
  'after a restore, a projection of own facts continues, however few of them were published',
  async (kind) => {
    const { world, note, close } = await chat(kind)
    for (const id of ['a', 'b', 'c']) await note(id, 'x')
    await world.settle()
    await world.restart()
    const restore = await world.engine.backup('rooms')
    await note('lost', 'x')
    await world.restart(undefined, restore)
    const { token } = (await note('d', 'x')) as CommandResult
    await world.run(world.system.service('rooms').query('count', {}, { after: token }))
    const rows = await world.system.service('rooms').store.find({ table: 'notes@1', limit: 10 })
    expect(rows.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd'])
    await close()
  },
)

promise(title, 'a query waits for a handler that was added later while it catches up', async (kind) => {
  const world = await createWorld(kind, [deskWith(), boardWith()])
  const { token } = await write(world, 'a')
  await world.settle()
  const steps: Steps = { at: (step) => (step === 'board.late' ? world.pause(400) : undefined) }
  await world.restart([deskWith(), boardWith({ ...steps, late: true })])
  expect(await ask(world, 'pinned', { after: token }, { of: 'marks' })).toEqual(['a'])
  const next = await write(world, 'b')
  expect(await ask(world, 'pinned', { after: next.token }, { of: 'marks' })).toEqual(['a', 'b'])
  await world.close()
})
