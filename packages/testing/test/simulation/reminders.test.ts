// Timers, effects and process managers in the simulator: crashes around claims, clock jumps, failing effects.

import { expect, test } from 'vitest'
import { failureLines, simulate } from '../../src/index.ts'
import { customers, remindedOnce, reminders } from './reminders-system.ts'

test('P2 P3: timers fire once and each effect has one outcome, under every fault', { timeout: 120_000 }, async () => {
  const simulation = {
    workload: customers,
    invariants: remindedOnce,
    stepCount: 25,
    faults: { crash: 0.15, clockJump: 0.03, zombie: 0.03, ambiguousCommit: 0.05 },
  }
  const report = await simulate({ services: reminders, simulation, runs: 60 })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  expect(report.faults.failingEffect).toBeGreaterThan(0)
})

test('P2 P3: a service that crashes around its claims loses no timer and fires none twice', async () => {
  const report = await simulate({
    services: reminders,
    simulation: {
      workload: customers,
      invariants: remindedOnce,
      stepCount: 25,
      faults: { crash: 0.5 },
      crashPoints: ['timer-claim', 'checkpoint'],
    },
    runs: 30,
  })
  expect(report.failed && failureLines(report.failed, '')).toBeUndefined()
  for (const moment of ['before', 'after']) expect(report.faults[`crash ${moment} timer-claim`]).toBeGreaterThan(2)
})
