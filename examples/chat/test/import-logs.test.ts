// The import of real logs from the command line: it matches an oracle, a second import changes nothing, and a killed one continues.
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createSeededRandom } from 'tidings/memory'
import { expect, test } from 'vitest'
import { annotatedFrom, linksOfDay, readAnnotation, readDay, scoreLinks } from '../import/index.ts'
import type { Report } from '../run/report.ts'
import { dayByOracle } from './log-oracle.ts'
import { logsFolder } from './logs-folder.ts'
import { runChat, scratchFolder } from './run-chat.ts'

const folder = logsFolder()
const files = readdirSync(folder).filter((name) => name.endsWith('.raw.txt'))

const reportIn = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Report

test('five real days: every figure matches the oracle, and a second import changes nothing', async () => {
  using scratch = scratchFolder()
  const path = join(scratch.path, 'report.json')
  const words = ['--log', folder, '--report', path, '--data', join(scratch.path, 'data')]
  const first = await runChat(...words).ended
  expect(first.output).toContain('7500 of 7500 lines')
  expect(first.code).toBe(0)
  const text = readFileSync(path, 'utf8')
  const report = reportIn(path)

  expect(Object.keys(report.days)).toEqual(files.map((file) => file.slice(0, 10)))
  for (const file of files) {
    const oracle = dayByOracle(folder, file)
    const day = report.days[oracle.day]!
    expect({ day: oracle.day, ...day }).toMatchObject({
      day: oracle.day,
      ...oracle.figures,
      ...oracle.fromLinks(day.links),
    })
    expect(day.rejected).toEqual([])
    expect(day.deadLetters).toBe(0)
    // There is one link for each line, and the services find the same links as the linker alone.
    expect(day.links.map(([, later]) => later)).toEqual(Array.from({ length: oracle.lineCount }, (_, line) => line))
    expect(day.links).toEqual(linksOfDay((await readDay(folder, file)).lines))
    const score = scoreLinks(day.links, (await readAnnotation(folder, oracle.day)) ?? [])
    expect([day.linksPrecision, day.linksRecall]).toEqual([score.precision, score.recall])
  }
  const sum = (of: (day: Report['days'][string]) => number) =>
    Object.values(report.days).reduce((total, day) => total + of(day), 0)
  expect(report.all.messages).toBe(sum(({ messages }) => messages))
  expect(report.all.renames).toBe(sum(({ renames }) => renames))
  expect(report.all.questions).toBe(sum(({ questions }) => questions))
  const { linksPrecision = 0, linksRecall = 0 } = report.all
  const f1 = (2 * linksPrecision * linksRecall) / (linksPrecision + linksRecall)
  expect(f1, `F1 over lines from ${annotatedFrom} on`).toBeGreaterThan(0.72)
  // Every question is the reason for one impulse, and each impulse has one end.
  const { delivered, withdrawn, overLimit, tooLate } = report.all.impulses['unanswered-question']!
  expect(delivered + withdrawn + overLimit + tooLate).toBe(report.all.questions)
  expect(Math.min(delivered, withdrawn)).toBeGreaterThan(0)

  const second = await runChat(...words).ended
  expect(second.code).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(text)
}, 240_000)

test('an import that is killed and run again ends with the same report', async () => {
  using scratch = scratchFolder()
  const seed = Number(process.env.TIDINGS_SEED ?? Date.now() % 2 ** 32)
  const random = createSeededRandom(seed)
  const logs = join(scratch.path, 'logs')
  const { mkdirSync } = await import('node:fs')
  mkdirSync(logs)
  for (const name of readdirSync(folder)) {
    if (name.startsWith('2007-12-01') || name.startsWith('2016-02-22'))
      symlinkSync(join(folder, name), join(logs, name))
  }
  const into = (name: string) => [
    ...['--log', logs, '--report', join(scratch.path, `${name}.json`), '--data', join(scratch.path, name)],
  ]
  expect((await runChat(...into('whole')).ended).code).toBe(0)

  let kills = 0
  for (let run = 0; run < 6; run++) {
    const { child, ended } = runChat(...into('killed'))
    const killer = setTimeout(() => child.kill('SIGKILL'), 800 + random.next() * 3_000)
    const { signal } = await ended
    clearTimeout(killer)
    if (signal === 'SIGKILL') kills++
  }
  expect(kills, `seed ${seed}`).toBeGreaterThan(1)
  expect((await runChat(...into('killed')).ended).code).toBe(0)
  expect(reportIn(join(scratch.path, 'killed.json')), `seed ${seed}`).toEqual(
    reportIn(join(scratch.path, 'whole.json')),
  )
}, 240_000)

test('a wrong folder and a wrong command line have different exit codes and hints', async () => {
  using scratch = scratchFolder()
  const report = join(scratch.path, 'report.json')
  const none = await runChat('--log', scratch.path, '--report', report).ended
  expect([none.code, none.output]).toEqual([1, expect.stringContaining('has no file *.raw.txt')])
  const alone = await runChat('--log', scratch.path).ended
  expect([alone.code, alone.output]).toEqual([2, expect.stringContaining('--log is given without --report FILE.')])
  const unknown = await runChat('--lgo', scratch.path).ended
  expect(unknown.code).toBe(2)
  expect(unknown.output).toContain('--lgo')
})
