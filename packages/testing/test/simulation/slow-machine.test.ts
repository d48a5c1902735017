// A machine that is too slow, or an engine that fails: whatever ends a run belongs to its seed, and slowness is no finding.

import { defineCommand, defineService } from 'tidings'
import { memoryDriver } from 'tidings/memory'
import type { Driver } from 'tidings/ports'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { simulate } from '../../src/index.ts'

const Note = defineCommand('note', { input: z.object({ id: z.string() }) })
const notes = defineService('notes')
const services = [notes.with({ note: notes.command(Note, () => {}) })]

const driverWith = (openStore: (service: string) => Promise<never>): Driver => {
  const driver = memoryDriver({ relay: false })
  return { ...driver, open: async (environment) => ({ ...(await driver.open(environment)), openStore }) }
}
const on = (driver: () => Driver) => [
  { name: 'slow', share: 1, relay: false, open: async () => ({ driver: driver() }) },
]

test('a run for which the machine was too slow is inconclusive, with its seed, and the next one is played', async () => {
  const never = () => driverWith(() => new Promise<never>(() => {}))
  const simulation = { stepCount: 2, faults: false, engineMsMax: 5 } as const
  const report = await simulate({ services, simulation, engines: on(never), seed: 7, runs: 2 })
  expect(report.failed).toBeUndefined()
  expect(report.runs).toBe(2)
  expect(report.inconclusive.map(({ seed, engine }) => [seed, engine])).toEqual([
    [7, 'slow'],
    [8, 'slow'],
  ])
  for (const { reason } of report.inconclusive) expect(reason).not.toBe('')
})

test('an engine that cannot be opened is a result of its seed, not an error without one', async () => {
  const broken = (): Driver => {
    throw new RangeError('no such engine')
  }
  const report = await simulate({ services, simulation: { stepCount: 2 }, engines: on(broken), seed: 11, runs: 3 })
  expect(report.failed).toMatchObject({
    seed: 11,
    run: { failure: { breaches: [expect.stringContaining('no such engine')] } },
  })
})
