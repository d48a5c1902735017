// Time that passes over a system with nothing to do costs next to nothing, and whatever is due in it happens at its time.

import { defineCommand, defineEvent, defineService, timer } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession, type SimulatedEngine, send, simulate, type WorkloadStep, wait } from '../../src/index.ts'

const Note = z.object({ key: z.string(), days: z.number() })
const Keep = defineCommand('keep', { input: Note })
const Due = defineEvent('diary.due', { owner: 'diary', pattern: 'notification' })
  .version(1, z.object({ key: z.string() }))
  .key(({ key }) => key)

const base = defineService('diary', { publishes: [Due], timers: { remind: timer(Note) } })
const diary = base.with({
  keep: base.command(Keep, {}, (note, { timers }) => timers.remind.after(note.key, { days: note.days }, note)),
  remind: base.due('remind', { publishes: [Due] }, ({ key }, { publish }) => publish(Due, { key })),
})
const shelf = defineService('shelf', {})
const reader = shelf.with({ read: shelf.on(Due, {}, () => {}) })

/** An engine that counts how often services look whether there is something to hear. */
function counting(): { readonly driver: Driver; readonly looks: () => number } {
  let looks = 0
  const driver: Driver = {
    ...memoryDriver({ relay: false }),
    open: async (environment) => {
      const engine = await memoryDriver({ relay: false }).open(environment)
      const read: typeof engine.broker.read = (...asked) => {
        looks++
        return engine.broker.read(...asked)
      }
      return { ...engine, broker: { ...engine.broker, read } }
    },
  }
  return { driver, looks: () => looks }
}

test('a session looks for something to do no more often in 200 days than in two', async () => {
  const looksIn = async (days: number) => {
    const { driver, looks } = counting()
    await inSession({ services: [diary, reader], driver, seed: 1 }, (session) => session.advance({ days }))
    return looks()
  }
  expect(await looksIn(200)).toBe(await looksIn(2))
})

test('a simulation that waits for 200 days looks no more often than one that waits for two', async () => {
  const looksIn = async (days: number) => {
    const { driver, looks } = counting()
    function* workload(): Iterable<WorkloadStep> {
      yield send('diary', Keep, { key: 'a', days: 1 })
      yield wait({ days })
    }
    const engines: readonly SimulatedEngine[] = [{ name: 'counting', share: 1, open: () => ({ driver }) }]
    const simulation = { workload, faults: false as const }
    const report = await simulate({ services: [diary, reader], simulation, engines, runs: 1 })
    expect(report.failed).toBeUndefined()
    return looks()
  }
  expect(await looksIn(200)).toBe(await looksIn(2))
})

test('a timer within days of waiting comes due at its time', () =>
  inSession({ services: [diary, reader], start: new Date('2026-03-01T12:00:00Z') }, async (session) => {
    for (const days of [3, 40, 4]) await session.command(diary, Keep, { key: `in ${days} days`, days })
    await session.advance({ days: 20 })
    expect((await session.published(Due)).map(({ key, occurredAt }) => [key, occurredAt.toISOString()])).toEqual([
      ['in 3 days', '2026-03-04T12:00:00.000Z'],
      ['in 4 days', '2026-03-05T12:00:00.000Z'],
    ])
    expect(session.now().toISOString()).toBe('2026-03-21T12:00:00.000Z')
    expect(session.status(reader).subscriptions.map(({ lag }) => lag)).toEqual([0])
  }))
