// The shop on rough days: a fixed list of seeds, in memory and on files. Five hundred: npm run simulate
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteDriver } from '@tidings/sqlite'
import { failureLines, type SimulatedEngine, simulate } from '@tidings/testing'
import { expect, test } from 'vitest'
import { shopServices } from '../services/index.ts'
import simulation from '../simulation.ts'

const onFiles: SimulatedEngine = {
  name: 'SQLite',
  share: 1,
  relay: false,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'shop-simulation-'))
    return {
      driver: sqliteDriver({ directory, durability: 'process-crash' }),
      remove: () => rmSync(directory, { recursive: true, force: true }),
    }
  },
}

const replay = (seed: number | undefined) =>
  `npx tidings simulate --seed ${seed} --simulation examples/shop/simulation.ts`

test.each([1, 51, 101, 151])(
  'P1 to P8: fifty days that go wrong, from seed %i on',
  { timeout: 120_000 },
  async (seed) => {
    const { failed } = await simulate({ services: shopServices, simulation, seed, runs: 50 })
    expect(failed && failureLines(failed, replay(failed.seed)).join('\n')).toBeUndefined()
  },
)

test('P1 to P8: days that go wrong, on files', { timeout: 120_000 }, async () => {
  const { failed } = await simulate({ services: shopServices, simulation, engines: [onFiles], seed: 1, runs: 8 })
  expect(failed && failureLines(failed, replay(failed.seed)).join('\n')).toBeUndefined()
})
