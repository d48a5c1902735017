// A folder of logs that grows, and logs with a mistake: what was imported stays as it is, and a mistake costs one line, or nothing.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseLine } from '../import/log-line.ts'
import { runChat, scratchFolder } from './run-chat.ts'
import { smallFolder } from './small-folder.ts'

const first = '2010-08-17_18.raw.txt'
const second = '2010-08-18_18.raw.txt'
const dayOne = '[10:00] <alice> hello\n[10:01] <bob> hi alice, how do I install this?\n'
const dayTwo =
  '[09:00] <alice> good morning\n=== bob  is now known as alice\n[09:01] <alice> me again\n[09:02] <bob> and me\n'

async function imported(folder: string, data: string) {
  const report = join(data, '..', `${Math.random()}.json`)
  const { code, output } = await runChat('--log', folder, '--report', report, '--data', data).ended
  return { code, output, report: code === 0 ? JSON.parse(readFileSync(report, 'utf8')) : undefined }
}

// At the end of an import, time goes on until nothing is due. So an impulse of the shorter folder may have come before the next line was there.
const withoutImpulses = (report: unknown) =>
  JSON.parse(JSON.stringify(report, (name, value) => (name === 'impulses' ? undefined : value)))

test('a folder that grows by a day in which one member takes the nick of another gives the report of a fresh import', async () => {
  using scratch = scratchFolder()
  const folder = await smallFolder({ [first]: dayOne })
  expect((await imported(folder, join(scratch.path, 'grown'))).report.all).toMatchObject({ members: 2, rejected: [] })
  writeFileSync(join(folder, second), '[09:00] <alice> good morning\n')
  await imported(folder, join(scratch.path, 'grown'))
  appendFileSync(join(folder, second), dayTwo.split('\n').slice(1).join('\n'))
  const grown = await imported(folder, join(scratch.path, 'grown'))
  const fresh = await imported(folder, join(scratch.path, 'fresh'))
  expect(grown.report.all.rejected).toEqual([])
  expect(withoutImpulses(grown.report)).toEqual(withoutImpulses(fresh.report))
  expect(fresh.report.days['2010-08-18']).toMatchObject({ members: 2, messages: 3, renames: 1 })

  // What was imported cannot be changed, and nothing can come before it.
  const refused = async (file: string, content: string | undefined, message: RegExp) => {
    const before = readFileSync(join(folder, second), 'utf8')
    if (content === undefined) rmSync(join(folder, file))
    else writeFileSync(join(folder, file), content)
    const { code, output } = await imported(folder, join(scratch.path, 'grown'))
    expect([code, output]).toEqual([1, expect.stringMatching(message)])
    rmSync(join(folder, file), { force: true })
    writeFileSync(join(folder, second), before)
  }
  await refused('2010-08-16_18.raw.txt', dayOne, /2010-08-16_18\.raw\.txt is new in .*later days were imported/)
  await refused(
    second,
    dayTwo.replace('morning', 'evening'),
    /2010-08-18_18\.raw\.txt .*has changed before its old end/,
  )
  await refused(second, undefined, /2010-08-18_18\.raw\.txt was imported .*not in .* any more/)
}, 120_000)

test('a control character in a nick rejects that line alone, and nothing waits or is parked', async () => {
  using scratch = scratchFolder()
  const folder = await smallFolder({ [first]: `${dayOne}[10:02] <ma\u0003llory> who am I?\n[10:03] <bob> nobody\n` })
  const { report } = await imported(folder, join(scratch.path, 'data'))
  expect(report.all).toMatchObject({
    messages: 3,
    deadLetters: 0,
    rejected: [{ file: first, line: 2, reason: 'a nick has a control character' }],
  })
}, 60_000)

test.each([
  ['[10:00] <a\u0001b> x'],
  ['[10:00]  * a\u009fb waves'],
  ['=== a\u0002b has joined #ubuntu'],
  ['=== a  is now known as b\u007fc'],
])('a line with a control character in a nick is rejected: %j', (line) => {
  expect(parseLine(line)).toBe('a nick has a control character')
})

test('a malformed annotation is found before anything is imported', async () => {
  using scratch = scratchFolder()
  const folder = await smallFolder({ [first]: dayOne, '2010-08-17_18.annotation.txt': '0 1 -\none two -\n' })
  const { code, output } = await imported(folder, join(scratch.path, 'data'))
  expect([code, output]).toEqual([1, expect.stringContaining('Row 2 of 2010-08-17_18.annotation.txt is not a link')])
  expect(output).not.toContain('import')
  expect(() => readFileSync(join(scratch.path, 'data', 'log-clock.json'))).toThrow('ENOENT')
}, 60_000)
