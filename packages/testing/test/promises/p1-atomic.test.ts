// P1 Atomic: all that one handled event or one command causes commits together, or none of it does.

import {
  defineCommand,
  defineDecider,
  defineEvent,
  defineService,
  defineTable,
  fact,
  reject,
  type Service,
} from 'tidings'
import type { CommitUnit } from 'tidings/ports'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { type Between, createWorld, type World } from './setup/world.ts'
import { publishedBy, rowsOf, send } from './systems/fulfilment.ts'
import { deferredLetters, LetterSent, post, sendLetters } from './systems/letters.ts'

const letter = z.object({ to: z.string(), number: z.number() })
const Booked = defineEvent('test.booked', { owner: 'ledger', pattern: 'event-sourcing' })
  .version(1, letter)
  .key(({ to }) => to)
const Noted = defineEvent('test.noted', { owner: 'ledger', pattern: 'notification' })
  .version(1, letter)
  .key(({ to }) => to)
const Book = defineCommand('book', { input: letter, key: ({ to }) => to })
const Note = defineCommand('note', { input: letter })
const notes = defineTable('notes')
  .version(1, letter)
  .key(({ to, number }) => `${to}${number}`)
const balances = defineTable('balances')
  .version(1, z.object({ to: z.string(), count: z.number() }))
  .key(({ to }) => to)

const account = defineDecider('account', {
  commands: { Book },
  facts: { booked: fact(z.object({ number: z.number() })) },
  initialState: () => 0,
  decide: { Book: ({ number }, _state, { facts }) => facts.booked({ number }) },
  evolve: { booked: (count) => count + 1 },
})

/** A service in which one event, and one command, writes everything that a unit of work can contain. */
function ledgerWith(onNumber: (number: number, service: string) => unknown): Service {
  const ledger = defineService('ledger', {
    publishes: [Booked, Noted],
    tables: { notes },
    readModels: { balances },
    limits: { attemptsMax: 1 },
  })
  return ledger.with({
    accounts: ledger.decider(account, {
      publishes: [Booked],
      announce: { booked: (data, _state, { event, meta }) => event(Booked, { to: meta.stream, ...data }) },
    }),
    balances: ledger
      .projection('balances', { writes: ['balances'], mode: 'inline' })
      .onFact(account, 'booked', async (_data, { tables, fact: { stream } }) => {
        const before = await tables.balances.get(stream)
        tables.balances.put({ to: stream, count: (before?.count ?? 0) + 1 })
      }),
    noteLetter: ledger.on(LetterSent, { publishes: [Noted], executes: [Book] }, async (sent, context) => {
      context.tables.notes.put(sent)
      context.publish(Noted, sent)
      await context.execute(Book, sent)
      await onNumber(sent.number, 'ledger')
    }),
    note: ledger.command(Note, { publishes: [Noted], executes: [Book] }, async (input, context) => {
      context.tables.notes.put(input)
      context.publish(Noted, input)
      await context.execute(Book, input)
      if (input.number === 7) return reject('no-sevens', 'Sevens are not noted.')
      await onNumber(input.number, 'ledger')
      return undefined
    }),
  })
}

/** Everything that the ledger has stored for a number. */
async function tracesOf(world: World, to: string, number: number) {
  const { store } = world.system.service('ledger')
  const { facts } = await store.readFacts({ after: '', limit: 1000 })
  const log = await store.readEventLog({ after: '', limit: 1000 })
  return {
    notes: (await rowsOf(world, 'ledger', 'notes')).filter((row) => row.to === to && row.number === number).length,
    facts: facts.filter(({ stream, data }) => stream === to && JSON.parse(data).number === number).length,
    events: log.events.filter(({ key, data }) => key === to && JSON.parse(data ?? '').number === number).length,
  }
}
const nothing = { notes: 0, facts: 0, events: 0 }
const everything = { notes: 1, facts: 1, events: 2 }

const failAt =
  (bad: number, also: (service: string) => unknown = () => {}) =>
  async (number: number, service: string) => {
    if (number !== bad) return
    await also(service)
    throw new Error(`no ${number}`)
  }

async function throwingHandler(kind: EngineKind, how: { between?: Between; smuggle?: boolean } = {}): Promise<void> {
  const smuggle = (service: string) => {
    const row = { schemaVersion: 1, json: '{"to":"a","number":2}', columns: [] }
    const unit: CommitUnit = { checks: [], rows: [{ table: 'notes', key: 'a2', row }], appends: [], events: [] }
    return world.system.service(service).store.commit(unit)
  }
  const world: World = await createWorld(
    kind,
    [post, ledgerWith(failAt(2, how.smuggle === true ? smuggle : undefined))],
    how.between,
  )
  await sendLetters(world, 'a1', 'a2', 'b3')
  await world.settle()
  expect(await tracesOf(world, 'a', 2)).toEqual(nothing)
  expect(deferredLetters(world, 'ledger')).toEqual(['a@2 parked'])
  expect(await tracesOf(world, 'a', 1)).toEqual(everything)
  expect(await tracesOf(world, 'b', 3)).toEqual(everything)
  expect(await rowsOf(world, 'ledger', 'balances@1')).toEqual([
    { to: 'a', count: 1 },
    { to: 'b', count: 1 },
  ])
  await world.close()
}

promise('P1', 'a handler that throws leaves no row, no fact, no event, no read model', throwingHandler)
brokenPromise('P1', 'a handler that writes outside its unit of work', (kind) =>
  throwingHandler(kind, { smuggle: true }),
)
brokenPromise('P1', 'an engine commits rows without the facts', (kind) =>
  throwingHandler(kind, { between: { spoil: (unit) => ({ ...unit, appends: [] }) } }),
)

async function throwingCommand(kind: EngineKind, between?: Between): Promise<void> {
  const world = await createWorld(kind, [ledgerWith(failAt(2))], between)
  const attempt = (number: number, key: string) =>
    send(world, 'ledger', 'note', { to: 'a', number }, key).catch((error: unknown) => error)
  const commits = world.commits
  expect(await attempt(2, 'two')).toMatchObject({ message: 'no 2' })
  expect(world.commits, 'a failed command commits nothing').toBe(commits)
  expect(await tracesOf(world, 'a', 2)).toEqual(nothing)
  expect(await rowsOf(world, 'ledger', 'tidings.answers')).toEqual([])
  expect(await attempt(7, 'seven')).toMatchObject({ accepted: false, rejection: { code: 'no-sevens' } })
  expect(await tracesOf(world, 'a', 7)).toEqual(nothing)
  expect(await attempt(1, 'one')).toMatchObject({ accepted: true })
  expect(await tracesOf(world, 'a', 1)).toEqual(everything)
  expect(await rowsOf(world, 'ledger', 'tidings.answers')).toHaveLength(2)
  await world.close()
}

promise('P1', 'a command that throws or is rejected leaves nothing but its answer', (kind) => throwingCommand(kind))
brokenPromise('P1', 'an engine commits a command without its events', (kind) =>
  throwingCommand(kind, { spoil: (unit) => ({ ...unit, events: [] }) }),
)

async function failingBatch(kind: EngineKind, between: Between = {}): Promise<void> {
  const units: CommitUnit[] = []
  const world = await createWorld(kind, [post, ledgerWith(failAt(3))], {
    ...between,
    afterCommit: ({ service, unit }) => service === 'ledger' && units.push(unit),
  })
  units.length = 0
  await sendLetters(world, 'a1', 'b2', 'c3', 'd4', 'e5')
  await world.settle()
  for (const [to, number] of ['a1', 'b2', 'd4', 'e5'].map((text) => [text.charAt(0), Number(text.charAt(1))] as const))
    expect(await tracesOf(world, to, number)).toEqual(everything)
  expect(await tracesOf(world, 'c', 3)).toEqual(nothing)
  const handled = units.filter(({ events }) => events.length > 0)
  expect(handled, 'the four share one commit').toHaveLength(1)
  const tables = new Set(handled[0]?.rows.map(({ table }) => table))
  for (const table of ['notes', 'balances@1', 'tidings.progress', 'tidings.held', 'tidings.deliveries'])
    expect(tables, 'with the checkpoint and what is deferred').toContain(table)
  expect(handled[0]?.appends).toHaveLength(4)
  await world.close()
}

promise('P1', 'one event of a batch fails: the others commit together, with the checkpoint', (kind) =>
  failingBatch(kind),
)
brokenPromise('P1', 'an engine leaves the last row of a batch out', (kind) =>
  failingBatch(kind, {
    spoil: (unit) => ({ ...unit, rows: unit.rows.filter((row) => row.table !== 'notes' || !row.key.startsWith('e')) }),
  }),
)

async function killedAround(
  kind: EngineKind,
  moments: readonly ('beforeCommit' | 'afterCommit')[] = ['beforeCommit', 'afterCommit'],
  between: Between = {},
): Promise<void> {
  for (const moment of moments) {
    let armed = true
    const world = await createWorld(kind, [post, ledgerWith(() => {})], {
      ...between,
      [moment]: ({ service, unit }: { service: string; unit: CommitUnit }, kill: () => void) => {
        if (!armed || service !== 'ledger' || unit.events.length === 0) return
        armed = false
        kill()
      },
    })
    await sendLetters(world, 'a1', 'b2')
    await world.settle()
    expect(world.dead).toBe(true)
    await world.restart()
    await world.settle()
    expect(await tracesOf(world, 'a', 1), `killed ${moment}`).toEqual(everything)
    expect(await publishedBy(world, 'ledger'), `killed ${moment}`).toHaveLength(4)
    expect(await rowsOf(world, 'ledger', 'balances@1'), `killed ${moment}`).toEqual([
      { to: 'a', count: 1 },
      { to: 'b', count: 1 },
    ])
    await world.close()
  }
}

promise(
  'P1',
  'killed right before or after its commit, an event has no effect or its whole effect, once [trap: dual-write]',
  (kind) => killedAround(kind),
)
let spoilt = false
brokenPromise('P1', 'an engine commits the work without the checkpoint', (kind) =>
  killedAround(kind, ['afterCommit'], {
    spoil: (unit) => {
      if (spoilt || unit.events.length === 0 || unit.appends.length === 0) return unit
      spoilt = true
      return { ...unit, rows: unit.rows.filter(({ table }) => table !== 'tidings.progress') }
    },
  }),
)
