// Measures commands that change the same entity: one caller at a time, then 18 callers with a key and without. Commands with a key wait in line;
// those without conflict, and run again. All rounds of a run are in one process, and take turns.

import { defineCommand, defineService, defineTable, isTidingsError, type Service } from 'tidings'
import type { System } from 'tidings/runtime'
import { z } from 'zod'
import { makeFolder, removeFolder } from './harness/folders.ts'
import { median, percentile } from './harness/timing.ts'
import { openSystem } from './tidings/open-system.ts'

const callersCount = 18
const roundMs = 3_000
const roundsCount = 3
/** The rate is the median of slices of this length, so that a moment in which another process had the machine does not count. */
const sliceMs = 50

const accounts = defineTable('accounts')
  .version(1, z.object({ id: z.string(), balance: z.number() }))
  .key(({ id }) => id)
const input = z.object({ account: z.string(), amount: z.number() })
const Keyed = defineCommand('book', { input, key: ({ account }) => account })
const Unkeyed = defineCommand('book-without-key', { input })

const bank = defineService('bank', { tables: { accounts } })
type Accounts = {
  get(id: string): Promise<{ readonly balance: number } | undefined>
  put(row: { readonly id: string; readonly balance: number }): void
}

// Takes a turn of the event loop between reading and writing, as a command does that awaits anything.
async function book(
  { account, amount }: z.infer<typeof input>,
  { tables }: { readonly tables: { accounts: Accounts } },
) {
  const balance = (await tables.accounts.get(account))?.balance ?? 0
  await new Promise((resolve) => setImmediate(resolve))
  tables.accounts.put({ id: account, balance: balance + amount })
}

const service: Service = bank.with({ keyed: bank.command(Keyed, book), unkeyed: bank.command(Unkeyed, book) })

interface Round {
  readonly perSecond: number
  readonly conflicts: number
  readonly p50: number
  readonly p99: number
}

async function round(system: System, command: string, callers: number): Promise<Round> {
  const runtime = system.service('bank')
  const times: number[] = []
  const slices = new Array<number>(roundMs / sliceMs).fill(0)
  let conflicts = 0
  const begin = performance.now()
  const call = async () => {
    while (performance.now() - begin < roundMs) {
      const sentAt = performance.now()
      try {
        await runtime.command(command, { account: 'a', amount: 1 })
        const endedAt = performance.now()
        times.push(endedAt - sentAt)
        const slice = Math.floor((endedAt - begin) / sliceMs)
        if (slice < slices.length) slices[slice] = (slices[slice] ?? 0) + 1
      } catch (error) {
        if (!isTidingsError(error, 'CONFLICT')) throw error
        conflicts++
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  const perSecond = median(slices) * (1_000 / sliceMs)
  return { perSecond, conflicts, p50: percentile(times, 50), p99: percentile(times, 99) }
}

/** Measures and prints. */
export async function measureContendedKeys(): Promise<void> {
  const folder = makeFolder()
  const system = await openSystem({ folder, durability: 'process-crash' }, [service])
  const loads = [
    { name: 'one caller at a time, with a key', command: 'book', callers: 1, rounds: [] as Round[] },
    { name: `${callersCount} callers, with a key`, command: 'book', callers: callersCount, rounds: [] as Round[] },
    {
      name: `${callersCount} callers, without`,
      command: 'book-without-key',
      callers: callersCount,
      rounds: [] as Round[],
    },
  ]
  for (let turn = 0; turn < roundsCount; turn++)
    for (const { command, callers, rounds } of loads) rounds.push(await round(system, command, callers))
  await system.close()
  removeFolder(folder)
  console.log(`${roundsCount} rounds of ${roundMs / 1_000} s each, which take turns; medians\n`)
  console.log('| load | commands/s | refused with CONFLICT | p50 ms | p99 ms |\n| --- | ---: | ---: | ---: | ---: |')
  for (const { name, rounds } of loads) {
    const of = (pick: (each: Round) => number) => median(rounds.map(pick)).toFixed(1)
    const figures = [
      of(({ perSecond }) => perSecond),
      of(({ conflicts }) => conflicts),
      of(({ p50 }) => p50),
      of(({ p99 }) => p99),
    ]
    console.log(`| ${name} | ${figures.join(' | ')} |`)
  }
}
