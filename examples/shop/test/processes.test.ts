// The import with each service in its own process: the report is the same even if processes are killed again and again at any time.
import { expect, test } from 'vitest'
import { seededRandom } from '../generate/random.ts'
import { startKiller } from './killer.ts'
import { expectedReport } from './oracle.ts'
import { ordersFolder } from './orders-folder.ts'
import { readReport, runShop, temporaryFolder } from './run-shop.ts'

/** How long processes are killed at most; the rest of the import runs undisturbed. */
const killingMs = 45_000

test('P2 P3 P4: processes that are killed during the import do not change the report', async () => {
  using folder = temporaryFolder()
  const seed = Number(process.env.SHOP_KILLER_SEED ?? Date.now())
  const data = folder.path('data')
  const words = ['--orders', ordersFolder(), '--report', folder.path('report.json'), '--data', data, '--processes']
  // The whole first run is killed: its services end with it, and the second run continues.
  const first = runShop(...words)
  const soon = setTimeout(() => first.child.kill('SIGKILL'), seededRandom(seed).whole(1_000, 6_000))
  await first.ended
  clearTimeout(soon)

  const run = runShop(...words)
  const killer = startKiller({ seed, parent: run.child.pid ?? 0, data, pauseMs: [200, 2_000] })
  const enough = setTimeout(() => killer.stop(), killingMs)
  const { code, output } = await run.ended
  killer.stop()
  clearTimeout(enough)
  expect({ seed, code, output }).toMatchObject({ code: 0 })
  expect({ seed, report: readReport(folder.path('report.json')) }).toEqual({
    seed,
    report: expectedReport(ordersFolder()),
  })
  expect(killer.kills).toBeGreaterThan(10)
}, 180_000)
