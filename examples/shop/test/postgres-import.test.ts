// The import on a Postgres that starts by itself: the report is the same as on SQLite, in one process and in several on the same stores.
import { chmodSync, mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectedReport } from './oracle.ts'
import { ordersFolder } from './orders-folder.ts'
import { readReport, runShop, temporaryFolder } from './run-shop.ts'

test.each([
  ['in one process', []],
  ['with two processes of the whole shop', ['--instances', '2']],
])(
  'the report of an import on Postgres, %s, matches the oracle in every field',
  { timeout: 300_000 },
  async (_how, how) => {
    using folder = temporaryFolder()
    // Root's server runs as another user, who must get through; otherwise the data would be elsewhere and stay there.
    chmodSync(folder.path('.'), 0o711)
    mkdirSync(folder.path('data'))
    const words = ['--engine', 'postgres', '--orders', ordersFolder(), '--data', folder.path('data')]
    const run = await runShop(...words, ...how, '--report', folder.path('report.json')).ended
    expect(run).toMatchObject({ code: 0 })
    expect(readReport(folder.path('report.json'))).toEqual(expectedReport(ordersFolder()))
  },
)
