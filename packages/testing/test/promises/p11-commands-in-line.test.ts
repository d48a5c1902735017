// P11 Bounded: commands of one key wait in line for each other, in a line of limited length, and never for ever.

import { defineCommand, defineDecider, defineService, defineTable, fact, type Service } from 'tidings'
import { expect } from 'vitest'
import { z } from 'zod'
import type { EngineKind } from './setup/engines.ts'
import { brokenPromise, promise } from './setup/promise-test.ts'
import { createWorld, type World } from './setup/world.ts'
import { rowsOf } from './systems/fulfilment.ts'

const tills = defineTable('tills')
  .version(1, z.object({ id: z.string(), coins: z.array(z.number()) }))
  .key(({ id }) => id)
const coin = z.object({ till: z.string(), coin: z.number() })
const byTill = ({ till }: { till: string }) => till
const DropCoin = defineCommand('drop-coin', { input: coin, key: byTill })
const DropAnyCoin = defineCommand('drop-any-coin', { input: coin })

type Till = { readonly id: string; readonly coins: readonly number[] }
interface TillContext {
  readonly tables: {
    readonly tills: { get(id: string): Promise<Till | undefined>; put(till: Till): void }
  }
}

const till = defineService('till', { tables: { tills }, limits: { commandsInLineMax: 20 } })

/** A service whose commands read a row, wait, and write it; `runs` notes each run. A coin below zero is dropped at once. */
function tillWith(pause: () => Promise<void>, runs: number[]): Service {
  const drop = async (dropped: z.infer<typeof coin>, { tables }: TillContext) => {
    runs.push(dropped.coin)
    const coins = (await tables.tills.get(dropped.till))?.coins ?? []
    if (dropped.coin >= 0) await pause()
    tables.tills.put({ id: dropped.till, coins: [...coins, dropped.coin] })
  }
  return till.with({ drop: till.command(DropCoin, drop), any: till.command(DropAnyCoin, drop) })
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

async function codes(work: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(work)
  return settled.map((each) =>
    each.status === 'fulfilled' ? 'accepted' : String((each.reason as { code: string }).code),
  )
}

async function contended(kind: EngineKind, command: string): Promise<void> {
  const runs: number[] = []
  const world: World = await createWorld(kind, [tillWith(() => world.pause(10), runs)])
  const sent = upTo(18).map((number) => world.system.service('till').command(command, { till: 't', coin: number }))
  expect(await world.run(codes(sent))).toEqual(upTo(18).map(() => 'accepted'))
  expect(runs, 'each ran once, in the order they came').toEqual(upTo(18))
  expect(await rowsOf(world, 'till', 'tills')).toEqual([{ id: 't', coins: upTo(18) }])
  await world.close()
}

promise(
  'P11',
  'commands with the same key wait in line: none conflicts, and each runs once, in the order they came',
  (kind) => contended(kind, 'drop-coin'),
)
brokenPromise('P11', 'commands of one entity without a key', (kind) => contended(kind, 'drop-any-coin'))

promise('P11', 'commands with different keys run side by side', async (kind) => {
  const runs: number[] = []
  const world: World = await createWorld(kind, [tillWith(() => world.pause(10), runs)])
  const start = world.clock.now()
  const sent = upTo(18).map((number) =>
    world.system.service('till').command('drop-coin', { till: `t${number}`, coin: number }),
  )
  expect(await world.run(codes(sent))).toEqual(upTo(18).map(() => 'accepted'))
  expect(world.clock.now() - start).toBe(10)
  await world.close()
})

promise(
  'P11',
  'commandsInLineMax: more commands of one key are refused at once, with a code of their own',
  async (kind) => {
    const runs: number[] = []
    const world: World = await createWorld(kind, [tillWith(() => world.pause(10), runs)])
    const sent = upTo(24).map((number) =>
      world.system.service('till').command('drop-coin', { till: 't', coin: number }),
    )
    // One has the key, and twenty wait for it.
    expect(await world.run(codes(sent))).toEqual(upTo(24).map((index) => (index < 21 ? 'accepted' : 'KEY_BUSY')))
    expect(runs).toEqual(upTo(21))
    await world.close()
  },
)

promise(
  'P11',
  'a command that hangs ends within its time limit, and so do those that wait for its key',
  async (kind) => {
    const slow = defineService('till', { tables: { tills }, limits: { handlerTimeoutMs: 1_000 } })
    const service = slow.with({
      drop: slow.command(DropCoin, (dropped) => (dropped.coin === 0 ? new Promise<void>(() => {}) : undefined)),
    })
    const world = await createWorld(kind, [service])
    const drop = (coin: number) => world.system.service('till').command('drop-coin', { till: 't', coin })
    const early = [drop(0), drop(1)]
    for (const each of early) each.catch(() => {})
    await world.advance(600)
    const late = drop(2)
    expect(await world.run(codes([...early, late]))).toEqual(['COMMAND_TIMEOUT', 'COMMAND_TIMEOUT', 'accepted'])
    expect(await world.run(codes([drop(3)])), 'nobody waits any more').toEqual(['accepted'])
    await world.close()
  },
)

// Books accounts in streams, and transfers between two of them by executing the commands of both.
const Amount = z.object({ account: z.string(), amount: z.number() })
const Book = defineCommand('book', { input: Amount, key: ({ account }) => account, output: z.number() })
const account = defineDecider('account', {
  commands: { book: Book },
  facts: { booked: fact(z.object({ amount: z.number() })) },
  initialState: () => ({ balance: 0 }),
  decide: {
    book: ({ amount }, { balance }, { facts, answer }) => answer(balance + amount, facts.booked({ amount })),
  },
  evolve: { booked: ({ balance }, { amount }) => ({ balance: balance + amount }) },
})
const Transfer = z.object({ from: z.string(), to: z.string(), pauseMs: z.number().default(0) })
const BookTransfer = defineCommand('transfer', { input: Transfer, key: ({ from }) => from })
const BookTransferAgain = defineCommand('transfer-again', { input: Transfer, key: ({ from }) => from })
const BookAnyTransfer = defineCommand('transfer-any', { input: Transfer })

const bank = defineService('bank', { limits: { handlerTimeoutMs: 1_000 } })

function bankWith(pause: (ms: number) => Promise<void>, runs: string[] = []): Service {
  const executes = [Book, BookTransfer] as const
  return bank.with({
    account: bank.decider(account),
    transfer: bank.command(BookTransfer, { executes }, async ({ from, to, pauseMs }, { execute }) => {
      runs.push(`${from}>${to}`)
      await execute(Book, { account: from, amount: -1 })
      await pause(pauseMs)
      await execute(Book, { account: to, amount: 1 })
    }),
    again: bank.command(BookTransferAgain, { executes }, async (transfer, { execute }) => {
      await execute(BookTransfer, transfer)
    }),
    any: bank.command(BookAnyTransfer, { executes }, async ({ from, to, pauseMs }, { execute }) => {
      runs.push(`${from}>${to}`)
      await Promise.all([execute(Book, { account: from, amount: -1 }), execute(Book, { account: to, amount: 1 })])
      await pause(pauseMs)
    }),
  })
}

async function balanceOf(world: World, name: string): Promise<unknown> {
  const answer = await world.run(world.system.service('bank').command('book', { account: name, amount: 0 }))
  return answer?.accepted === true ? answer.output : answer
}

promise('P11', 'commands of one stream wait in line: none conflicts, and each decides once', async (kind) => {
  const world: World = await createWorld(kind, [bankWith((ms) => world.pause(ms))])
  const commits = world.commits
  const sent = upTo(18).map(() => world.system.service('bank').command('book', { account: 'a', amount: 1 }))
  expect(await world.run(codes(sent))).toEqual(upTo(18).map(() => 'accepted'))
  expect(world.commits - commits, 'no commit was refused').toBe(18)
  expect(await balanceOf(world, 'a')).toBe(18)
  await world.close()
})

promise('P11', 'a command that a command executes waits in line for its key as well', async (kind) => {
  const runs: string[] = []
  const world: World = await createWorld(kind, [bankWith((ms) => world.pause(ms), runs)])
  // Eighteen entities, which all change the same account.
  const names = upTo(18).map((index) => `a${index}`)
  const sent = names.map((from) => world.system.service('bank').command('transfer', { from, to: 'x', pauseMs: 5 }))
  expect(await world.run(codes(sent))).toEqual(names.map(() => 'accepted'))
  expect(runs, 'each ran once').toEqual(names.map((from) => `${from}>x`))
  expect(await balanceOf(world, 'x')).toBe(18)
  await world.close()
})

promise('P11', 'a command that executes one with its own key does not wait for itself', async (kind) => {
  const runs: string[] = []
  const world: World = await createWorld(kind, [bankWith((ms) => world.pause(ms), runs)])
  const sent = upTo(3).map(() => world.system.service('bank').command('transfer-again', { from: 'a', to: 'a' }))
  expect(await world.run(codes(sent))).toEqual(['accepted', 'accepted', 'accepted'])
  expect(runs).toEqual(['a>a', 'a>a', 'a>a'])
  await world.close()
})

async function crossed(kind: EngineKind, command: string): Promise<void> {
  const world: World = await createWorld(kind, [bankWith((ms) => world.pause(ms))])
  const start = world.clock.now()
  const pairs = [['a', 'b'], ['b', 'c'], ['c', 'a'], ['b', 'a'], ['a', 'c'], ['c', 'b']] as const // biome-ignore format: one line
  const sent = pairs.map(([from, to]) => world.system.service('bank').command(command, { from, to, pauseMs: 10 }))
  expect(await world.run(codes(sent))).toEqual(pairs.map(() => 'accepted'))
  expect(world.clock.now() - start, 'none has waited for its time limit').toBeLessThan(1_000)
  expect([await balanceOf(world, 'a'), await balanceOf(world, 'b'), await balanceOf(world, 'c')]).toEqual([0, 0, 0])
  await world.close()
}

promise('P11', "commands that execute each other's keys do not wait for each other for ever", (kind) =>
  crossed(kind, 'transfer'),
)
promise('P11', 'commands that execute several keys at once do not wait for each other for ever', (kind) =>
  crossed(kind, 'transfer-any'),
)

promise(
  'P11',
  'what else writes still conflicts: a command with a key runs again on what it reads then',
  async (kind) => {
    const runs: number[] = []
    const world: World = await createWorld(kind, [tillWith(() => world.pause(10), runs)])
    const of = world.system.service('till')
    const sent = [of.command('drop-coin', { till: 't', coin: 1 }), of.command('drop-any-coin', { till: 't', coin: -2 })]
    expect(await world.run(codes(sent))).toEqual(['accepted', 'accepted'])
    expect(runs).toEqual([1, -2, 1])
    expect(await rowsOf(world, 'till', 'tills')).toEqual([{ id: 't', coins: [-2, 1] }])
    await world.close()
  },
)
