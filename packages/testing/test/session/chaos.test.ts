// A café under faults: commands, crashes around commits, restarts and rebuilds in an order that a seed decides, on every engine.
// Nothing is lost, nothing happens twice, each tab keeps its order, and every read model agrees with history.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import { isTidingsError } from 'tidings'
import { createSeededRandom, memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { afterAll, describe, expect, test } from 'vitest'
import { inSession, type Session } from '../../src/index.ts'
import {
  bar,
  broken,
  DrinkOrdered,
  DrinkServed,
  DrinksSold,
  guests,
  kitchen,
  OpenTab,
  OrderDrink,
  RegisterGuest,
  Revenue,
  till,
} from '../systems/cafe.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})
function sqlite(): Driver {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-chaos-'))
  directories.push(directory)
  return sqliteDriver({ directory, durability: 'process-crash' })
}

const engines: readonly (readonly [string, () => Driver, number])[] = [
  ['memory, relayed', () => memoryDriver({ relay: true }), 12],
  ['memory, not relayed', () => memoryDriver({ relay: false }), 12],
  ['sqlite', sqlite, 3],
]

const services = [guests, bar, kitchen, till]
const tabs = ['t-1', 't-2', 't-3', 't-4']
const day = '2026-01-05'

/** The answers that the customers got: the accepted commands, and those without an answer. */
interface Answers {
  readonly accepted: Map<string, string[]>
  readonly unanswered: Map<string, string[]>
}

// An announced crash may happen at any point.
async function unlessCrashed(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (isTidingsError(error, 'CLOSED')) return false
    throw error
  }
}

async function badDay(session: Session, seed: number): Promise<Answers> {
  const random = createSeededRandom(seed)
  const answers: Answers = { accepted: new Map(), unanswered: new Map() }
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T
  const startAll = async () => {
    for (const service of services) if (!session.runs(service)) await session.start(service)
  }
  const order = async (tabId: string, drink: string) => {
    const input = { tabId, drink, cents: 1 }
    const answered = await unlessCrashed(session.command(bar, OrderDrink, input, { occurredAt: new Date(day) }))
    const list = answered ? answers.accepted : answers.unanswered
    list.set(tabId, [...(list.get(tabId) ?? []), drink])
  }
  for (const guestId of ['ann', 'bob']) await session.command(guests, RegisterGuest, { guestId, name: guestId })
  for (const tabId of tabs) await session.command(bar, OpenTab, { tabId, guestId: pick(['ann', 'bob']) })
  let count = 0
  for (let step = 0; step < 25; step++) {
    const dice = random.next()
    if (dice < 0.55) {
      if (random.next() < 0.2) await session.crash(bar, pick(['before-commit', 'after-commit']))
      const drinks = Array.from({ length: 1 + Math.floor(random.next() * 6) }, () => `drink-${count++}`)
      for (const drink of drinks) if (random.next() < 0.1) broken.add(drink)
      await Promise.all(drinks.map((drink) => order(pick(tabs), drink)))
      if (!session.runs(bar)) await session.start(bar)
    } else if (dice < 0.7) {
      const service = pick([kitchen, till, guests])
      if (session.runs(service)) await session.crash(service, pick([undefined, 'before-commit', 'after-commit']))
    } else if (dice < 0.85) {
      await startAll()
    } else if (dice < 0.95) {
      const [service, name] = pick([
        [till, 'by-day'] as const,
        [kitchen, 'guests'] as const,
        [bar, 'by-drink'] as const,
      ])
      if (session.runs(service)) await unlessCrashed(session.rebuild(service, name))
      if (!session.runs(bar)) await session.start(bar)
    } else {
      await session.advance({ milliseconds: Math.floor(random.next() * 3_000) })
    }
  }
  return answers
}

// Starts everything and lets it settle; an announced crash may still happen, once for each service.
async function recover(session: Session): Promise<void> {
  for (const round of [1, 2]) {
    for (const service of services) if (!session.runs(service)) await session.start(service)
    await session.settled()
    if (round === 2) broken.clear()
  }
  for (const service of [kitchen, till]) {
    if (!(await unlessCrashed(session.redrive(service)))) {
      await session.start(service)
      await session.redrive(service)
    }
  }
  await session.settled()
}

describe.each(engines)('on %s', (_name, driver, runs) => {
  test.each(Array.from({ length: runs }, (_each, index) => index + 1))('P2 P3 P4 P5 P7 a bad day, seed %i', (seed) =>
    inSession({ services, seed, driver: driver() }, async (session) => {
      broken.clear()
      const { accepted, unanswered } = await badDay(session, seed)
      await recover(session)
      expect(session.deferred()).toEqual([])
      const ordered = await session.published(DrinkOrdered)
      const served = await session.published(DrinkServed)
      for (const tabId of tabs) {
        const drinksOf = (events: typeof ordered | typeof served) =>
          events.flatMap(({ data }) => (data?.tabId === tabId ? [data.drink] : []))
        const drinks = drinksOf(ordered)
        expect(drinksOf(served)).toEqual(drinks)
        expect(new Set(drinks).size).toBe(drinks.length)
        expect(drinks).toEqual(expect.arrayContaining(accepted.get(tabId) ?? []))
        const known = [...(accepted.get(tabId) ?? []), ...(unanswered.get(tabId) ?? [])]
        expect(known).toEqual(expect.arrayContaining(drinks))
      }
      expect(await session.query(Revenue, { day })).toEqual(
        ordered.length === 0 ? undefined : { cents: ordered.length },
      )
      for (const { data } of ordered) {
        expect(await session.query(DrinksSold, { drink: data?.drink ?? '' })).toBe(1)
      }
    }),
  )
})
