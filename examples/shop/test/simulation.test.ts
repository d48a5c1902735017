// Simulates the shop with faults: five hundred fixed seeds in memory, and some on files. For other seeds: npm run simulate -- --seed N
import { sqliteDriver } from '@tidings/sqlite'
import {
  defaultFaults,
  engineInFolder,
  failureLines,
  type SimulationReport,
  simulate,
  simulationCrashPoints,
} from '@tidings/testing'
import { expect, test } from 'vitest'
import { shopServices } from '../services/index.ts'
import simulation from '../simulation.ts'

const onFiles = engineInFolder('SQLite', (directory) => sqliteDriver({ directory, durability: 'process-crash' }), {
  relay: false,
})

const options = { services: shopServices, simulation, seed: 1 }

function expectSound({ failed }: SimulationReport): void {
  const replay = `npx tidings simulate --seed ${failed?.seed} --simulation examples/shop/simulation.ts`
  expect(failed && failureLines(failed, replay).join('\n')).toBeUndefined()
}

test('P1 to P8: five hundred runs of fifty steps with every kind of fault', { timeout: 300_000 }, async () => {
  const report = await simulate({ ...options, runs: 500 })
  expectSound(report)
  expect(report.runs).toBe(500)
  const { crash: _, ...faults } = defaultFaults
  // The shop has no timers; the next test crashes at lookups.
  const points = simulationCrashPoints.filter((point) => point !== 'timer-claim' && point !== 'lookup')
  const expected = [
    ...Object.entries(faults).flatMap(([name, rate]) => (rate > 0 ? [name] : [])),
    ...points.flatMap((point) => [`crash before ${point}`, `crash after ${point}`]),
  ]
  for (const fault of expected) expect(report.faults, fault).toHaveProperty([fault])
})

test('P1 to P8: handlers that hang, among all other faults', { timeout: 120_000 }, async () => {
  const report = await simulate({
    ...options,
    simulation: { ...simulation, faults: { hangingHandler: 0.2 } },
    runs: 40,
  })
  expectSound(report)
  expect(report.faults.hangingHandler).toBeGreaterThan(20)
})

test('P1 to P8: crashes before and after lookups', { timeout: 120_000 }, async () => {
  const faults = { crash: 0.4 }
  const report = await simulate({
    ...options,
    simulation: { ...simulation, faults, crashPoints: ['lookup'] },
    runs: 60,
  })
  expectSound(report)
  for (const moment of ['before', 'after']) expect(report.faults[`crash ${moment} lookup`]).toBeGreaterThan(3)
})

test('P1 to P8: thirty runs with faults on files', { timeout: 120_000 }, async () => {
  const report = await simulate({ ...options, engines: [onFiles], runs: 30 })
  expectSound(report)
  expect(report.engines).toEqual({ SQLite: 30 })
})
