// `tidings simulate` on the system that `tidings init` writes: as it is, and as the guide "Simulate your services" changes it, word for word.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryEngines } from '@tidings/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killAll, runBin, runNode } from './run-bin.ts'

const template = fileURLToPath(new URL('../templates/system', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const guide = readFileSync(join(root, 'docs/guides/simulate-your-services.md'), 'utf8')

/** The folder of a system as `tidings init` writes it, inside the repository so that it finds the packages. */
let system: string

beforeAll(() => {
  mkdirSync(join(root, '.tidings'), { recursive: true })
  system = mkdtempSync(join(root, '.tidings', 'guide-'))
  cpSync(template, system, { recursive: true })
  // No power cut happens here, and flushing every commit would take most of the time.
  const config = join(system, 'tidings.config.ts')
  writeFileSync(config, readFileSync(config, 'utf8').replace("'power-loss'", "'process-crash'"))
})
afterAll(() => {
  killAll()
  rmSync(system, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

const simulate = (...args: string[]) => runBin(['simulate', ...args], { cwd: system })

// Each hunk of a ```diff block is found once in its file, and replaced.
const diffs = [...guide.matchAll(/^```diff\n--- (\S+)\n\+\+\+ \1\n([\s\S]*?)^```$/gm)].map(
  ([, file = '', text = '']) => ({
    file,
    hunks: text.split(/^@@\n/m).slice(1),
  }),
)
function change({ file, hunks }: (typeof diffs)[number]): void {
  const path = join(system, file)
  for (const hunk of hunks) {
    const lines = hunk.split('\n').slice(0, -1)
    const side = (left: string) => lines.flatMap((line) => (line.startsWith(left) ? [] : [line.slice(1)])).join('\n')
    const present = readFileSync(path, 'utf8')
    expect(present.split(side('+')), `${file}: ${hunk}`).toHaveLength(2)
    writeFileSync(
      path,
      present.replace(side('+'), () => side('-')),
    )
  }
}

test('a correct system breaks no promise, in memory and on files', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await simulate('--seed', '1', '--runs', '60', '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ name: 'system', firstSeed: 1, runs: 60, commands: 2_400, failed: null })
  expect(Object.keys(report.engines)).toEqual([
    ...memoryEngines.map(({ name }) => name).sort(),
    'the configured engine',
  ])
  expect(report.eventsPerSecond).toBeGreaterThan(0)
})

test('the guide: a mistake that tests do not see is found, minimised, replayed, and repaired', {
  timeout: 120_000,
}, async () => {
  expect(diffs).toHaveLength(5)
  for (const diff of diffs.slice(0, 3)) change(diff)

  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const tests = await runNode([vitest, 'run', '--root', system], { cwd: system, env: { NO_COLOR: '1' } })
  expect(tests.stdout).toMatch(/Tests +4 passed \(4\)/)

  const { code, stdout, stderr } = await simulate('--seed', '1', '--runs', '100')
  expect(code).toBe(1)
  const [, seed] = /^Seed (\d+) breaks a promise: every order has a number of its own\./m.exec(stdout) ?? []
  expect(stdout).toContain('  two orders have the number ')
  expect(stdout).toMatch(/The smallest schedule that still fails has 2 steps of \d+:/)
  expect(stdout).toMatch(/1 {2}\+\d+ ms {2,}place-order of orders/)
  expect(stderr).toContain(`Seed ${seed} breaks invariant: every order has a number of its own.`)
  expect(stderr).toContain(`npx tidings simulate --seed ${seed}`)

  const again = await simulate('--seed', `${seed}`)
  expect(again.code).toBe(1)
  expect(again.stdout).toContain(`Seed ${seed} breaks a promise: every order has a number of its own.`)
  expect(again.stdout).toMatch(/time +who +what/)

  for (const diff of diffs.slice(3)) change(diff)
  const repaired = await simulate('--seed', '1', '--runs', '40', '--json')
  expect(JSON.parse(repaired.stdout)).toMatchObject({ runs: 40, failed: null })
})

test('a file without a simulation is refused before anything runs', async () => {
  const { code, stderr } = await simulate('--simulation', fileURLToPath(new URL('run-bin.ts', import.meta.url)))
  expect(code).toBe(2)
  expect(stderr).toMatch(/exports no simulation\.[\s\S]*defineSimulation/)
})
