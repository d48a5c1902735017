// `tidings simulate` on the system that `tidings init` writes: as it is, and with the mistake of the guide in it.

import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, runBin } from './run-bin.ts'

const sound = fileURLToPath(new URL('../templates/system', import.meta.url))
const mistaken = fileURLToPath(new URL('simulate', import.meta.url))
const simulation = fileURLToPath(new URL('../templates/system/simulation.ts', import.meta.url))

const simulate = (...args: string[]) => runBin(['simulate', ...args], { cwd: mistaken })

afterAll(killAll)

test('a sound system breaks no promise, in memory and on files', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await simulate('--config', sound, '--seed', '1', '--runs', '60', '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ name: 'system', firstSeed: 1, runs: 60, commands: 2_400, failed: null })
  expect(Object.keys(report.engines)).toEqual(['memory, outbox read', 'memory, relayed', 'the configured engine'])
  expect(report.eventsPerSecond).toBeGreaterThan(0)
})

test('a mistake is found, told as a table, and played again by its seed', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await simulate('--simulation', simulation, '--seed', '1', '--runs', '100')
  expect(code).toBe(1)
  const [, seed] = /^Seed (\d+) breaks a promise: every order gets a parcel\./m.exec(stdout) ?? []
  expect(stdout).toMatch(/order-\d+-\d+ has no parcel/)
  expect(stdout).toContain('a function remembers something outside of its store')
  expect(stdout).toMatch(/1 {2}\+\d+ ms {2,}\w+/)
  expect(stderr).toContain(`Seed ${seed} breaks invariant: every order gets a parcel.`)
  expect(stderr).toContain(`npx tidings simulate --seed ${seed} --simulation ${simulation}`)
  const again = await simulate('--simulation', simulation, '--seed', `${seed}`)
  expect(again.code).toBe(1)
  expect(again.stdout).toContain(`Seed ${seed} breaks a promise: every order gets a parcel.`)
  expect(again.stdout).toMatch(/time +who +what/)
})

test('a simulation that is none is refused before anything runs', async () => {
  const { code, stderr } = await simulate('--simulation', fileURLToPath(new URL('run-bin.ts', import.meta.url)))
  expect(code).toBe(2)
  expect(stderr).toMatch(/exports no simulation\.[\s\S]*defineSimulation/)
})
