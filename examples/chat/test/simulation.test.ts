// Simulates the chat with faults: fixed seeds, in memory and on files. For more seeds: npm run simulate:chat
import { sqliteDriver } from '@tidings/sqlite'
import { engineInFolder, failureLines, type SimulateOptions, simulate } from '@tidings/testing'
import { expect, test } from 'vitest'
import { chatServices } from '../services/index.ts'
import simulation from '../simulation.ts'

const onFiles = engineInFolder('SQLite', (directory) => sqliteDriver({ directory, durability: 'process-crash' }), {
  relay: false,
})

const command = 'npx tidings simulate --config examples/chat --seed'

/** Simulates, and expects no violation. */
async function sound(options: Partial<SimulateOptions>) {
  const report = await simulate({ services: chatServices, simulation, ...options })
  const { failed } = report
  expect(failed && failureLines(failed, `${command} ${failed.seed}`).join('\n')).toBeUndefined()
  return report.faults
}

test.each([1, 16, 31, 46])(
  'P1 to P8: fifteen runs with faults, from seed %i on',
  { timeout: 120_000 },
  async (seed) => {
    const faults = await sound({ seed, runs: 15 })
    expect(faults.failingEffect).toBeGreaterThan(10)
  },
)

test('a member is welcomed even if the welcome failed until they were no longer new', async () => {
  // The instance ended, and the redriven welcome found nobody to greet. Without hanging handlers, this seed still leads there.
  await sound({ simulation: { ...simulation, faults: { hangingHandler: 0 } }, seed: 700_003, instances: 1, runs: 1 })
})

test('P5: a redrive after a commit that was reported as failed and was applied', async () => {
  // The effect was done, so nothing else told the subscription that its checkpoint had moved, and the redrive was refused.
  await sound({ seed: 4_001_371, runs: 1 })
})

test('P1 to P8: runs with faults on files', { timeout: 120_000 }, async () => {
  await sound({ engines: [onFiles], seed: 1, runs: 2 })
})

test('P1 P2 P3: crashes before and after timers and lookups', { timeout: 120_000 }, async () => {
  const faults = { crash: 0.6, zombie: 0.08, ambiguousCommit: 0.1, clockJump: 0.05, redelivery: 0.1 }
  const atTimers = { ...simulation, faults, crashPoints: ['timer-claim', 'lookup'] as const }
  const struck = await sound({ simulation: atTimers, seed: 1, runs: 6 })
  for (const moment of ['before', 'after']) {
    expect(struck[`crash ${moment} timer-claim`], `${moment} timer-claim`).toBeGreaterThan(3)
    expect(struck[`crash ${moment} lookup`], `${moment} lookup`).toBeGreaterThan(0)
  }
  expect(struck.failingEffect).toBeGreaterThan(0)
})
