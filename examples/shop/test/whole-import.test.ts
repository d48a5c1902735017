// The import of the real orders from the command line: its report matches the oracle, even if the import was killed.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seededRandom } from '../generate/random.ts'
import { expectedReport } from './oracle.ts'
import { ordersFolder } from './orders-folder.ts'
import { readReport, runShop, temporaryFolder } from './run-shop.ts'

test('the report matches the oracle in every field, and a second import changes nothing', async () => {
  using folder = temporaryFolder()
  const words = ['--orders', ordersFolder(), '--data', folder.path('data')]
  const first = await runShop(...words, '--report', folder.path('first.json')).ended
  expect(first).toMatchObject({ code: 0 })
  expect(readReport(folder.path('first.json'))).toEqual(expectedReport(ordersFolder()))

  const again = await runShop(...words, '--report', folder.path('again.json')).ended
  expect(again).toMatchObject({ code: 0 })
  expect(again.output).toContain('(21,062 of them already known)')
  expect(readFileSync(folder.path('again.json'), 'utf8')).toBe(readFileSync(folder.path('first.json'), 'utf8'))
}, 90_000)

test('an import that is killed again and again continues where it was', async () => {
  using folder = temporaryFolder()
  const seed = Date.now()
  const random = seededRandom(seed)
  const words = ['--orders', ordersFolder(), '--data', folder.path('data'), '--report', folder.path('report.json')]
  for (let kills = 0; kills < 4; kills++) {
    const run = runShop(...words)
    const timer = setTimeout(() => run.child.kill('SIGKILL'), random.whole(700, 3_000))
    const { signal, code } = await run.ended
    clearTimeout(timer)
    // A run that was not killed must have finished.
    if (signal !== 'SIGKILL') expect({ seed, code }).toEqual({ seed, code: 0 })
  }
  expect({ seed, ...(await runShop(...words).ended) }).toMatchObject({ code: 0 })
  expect({ seed, report: readReport(folder.path('report.json')) }).toEqual({
    seed,
    report: expectedReport(ordersFolder()),
  })
}, 90_000)
