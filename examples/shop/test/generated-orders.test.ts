// `npm start` without options: generated orders until Ctrl-C, which ends the shop cleanly.
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { expectedReport } from './oracle.ts'
import { npmStart, readReport, runShop, temporaryFolder } from './run-shop.ts'
import { smallOrders, writeOrders } from './small-orders.ts'

test('Ctrl-C handles the remaining events and exits with 0; a second run has other orders on the same data', async () => {
  using folder = temporaryFolder()
  for (const run of [1, 2]) {
    const shop = runShop('--data', folder.path('data'))
    expect(await shop.sees(/^00:02 .*$/m)).toBe(true)
    shop.child.kill('SIGINT')
    const { code, output } = await shop.ended
    expect({ run, code, output }).toMatchObject({ run, code: 0 })
    expect(output).toContain('Ended: every event was handled.')
    expect(output).toMatch(/http +http:\/\/127\.0\.0\.1:\d+/)
    for (const line of stripVTControlCharacters(output).split('\n')) {
      if (!line.includes(folder.path(''))) expect(line.length, line).toBeLessThanOrEqual(80)
    }
    const orders = [...output.matchAll(/^00:\d\d +\d+ +\d+ +(\d+)/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    )
    expect(orders, output).toBeGreaterThan(100)
  }
}, 60_000)

test('Ctrl-C in a terminal, which reaches npm and every process, ends `npm start` with 0', async () => {
  using folder = temporaryFolder()
  const npm = npmStart('--processes', '--data', folder.path('data'))
  expect(await npm.sees(/^00:01 .*$/m)).toBe(true)
  process.kill(-(npm.child.pid ?? 0), 'SIGINT')
  const { code, output } = await npm.ended
  expect({ code, output }).toMatchObject({ code: 0 })
  expect(output).toContain('Ended: every event was handled.')
}, 60_000)

test('an import into the same data folder does not count generated orders', async () => {
  using folder = temporaryFolder()
  using written = writeOrders(smallOrders())
  const words = ['--orders', written.folder, '--report', folder.path('report.json'), '--data', folder.path('data')]
  const shop = runShop('--data', folder.path('data'))
  expect(await shop.sees(/^00:01 .*$/m)).toBe(true)
  shop.child.kill('SIGINT')
  expect(await shop.ended).toMatchObject({ code: 0 })
  expect(await runShop(...words).ended).toMatchObject({ code: 0 })
  expect(readReport(folder.path('report.json'))).toEqual(expectedReport(written.folder))
}, 30_000)
