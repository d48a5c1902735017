// The reader: every kind of line, both clocks, and lines that cannot be imported.
import { describe, expect, test } from 'vitest'
import { FolderError, lineLengthMax, readDay, readDays } from '../import/index.ts'
import { smallFolder } from './small-folder.ts'

const file = '2010-08-17_18.raw.txt'
const dayOf = async (content: string | Uint8Array) => readDay(await smallFolder({ [file]: content }), file)
const timesOf = async (...lines: readonly string[]) =>
  (await dayOf(lines.join('\n'))).lines.map(({ at }) =>
    new Date(at).toISOString().slice(0, 16).replace('2010-08-17T', ''),
  )

describe('kinds of line', () => {
  const at = Date.UTC(2010, 7, 17, 18, 5)
  const noted = async (line: string) => (await dayOf(`[18:05] <ann> hi\n${line}\n`)).lines[1]

  test.each<[string, object]>([
    [
      '[18:05] <bob> two  spaces\tand <b>tags</b> ',
      { kind: 'message', nick: 'bob', text: 'two  spaces\tand <b>tags</b> ' },
    ],
    ['[18:05] <[noobuntu] > a padded nick', { kind: 'message', nick: '[noobuntu]', text: 'a padded nick' }],
    [
      '[18:05] <bob> \u0000 \u202eright to left\u202c \r',
      { kind: 'message', nick: 'bob', text: '\u0000 \u202eright to left\u202c ' },
    ],
    ['[18:05] <bob>', { kind: 'message', nick: 'bob', text: '' }],
    ['[18:05]  * bob waves at ann', { kind: 'action', nick: 'bob', text: 'waves at ann' }],
    ['=== bob [~bob@160.example.net]  has joined #ubuntu', { kind: 'join', nick: 'bob' }],
    ['=== bob has joined #ubuntu', { kind: 'join', nick: 'bob' }],
    ['=== bob [~bob@160.example.net]  has left #ubuntu []', { kind: 'part', nick: 'bob' }],
    ['=== bob has left the building', { kind: 'other', text: '=== bob has left the building' }],
    ['=== bob is now known as bob|away', { kind: 'rename', from: 'bob', to: 'bob|away' }],
    ['=== [bob]  is now known as bob[2] ', { kind: 'rename', from: '[bob]', to: 'bob[2]' }],
    ['=== [a] b is now known as [c] ', { kind: 'rename', from: '[a]b', to: '[c]' }],
    ['=== [a] b [~b@example.net]  has joined #ubuntu', { kind: 'join', nick: '[a]b' }],
    ['=== b[a] [~b@example.net] has joined #ubuntu', { kind: 'join', nick: 'b[a]' }],
    ['=== mode/#ubuntu [+o ann]  by ChanServ', { kind: 'other', text: '=== mode/#ubuntu [+o ann]  by ChanServ' }],
    ['[18:05] something else', { kind: 'other', text: '[18:05] something else' }],
    ['', { kind: 'other', text: '' }],
  ])('%j', async (line, said) => {
    expect(await noted(line)).toEqual({ line: 1, at, ...said })
  })
})

describe('the clock', () => {
  test('the day is the name of the file, the time is UTC', async () => {
    const { day, lines } = await dayOf('[18:05] <ann> hi\n')
    expect([day, lines[0]?.at]).toEqual(['2010-08-17', Date.UTC(2010, 7, 17, 18, 5)])
  })

  test('a line without a time has the time of the line before, the first one midnight', async () => {
    expect(await timesOf('=== a has joined #b', '[07:10] <a> x', '', '=== a has left #b')).toEqual([
      ...['00:00', '07:10', '07:10', '07:10'],
    ])
  })

  test('a clock that goes backwards is a 12-hour clock and continues in the afternoon', async () => {
    expect(await timesOf('[11:58] <a> x', '[12:01] <a> x', '[01:00] <a> x', '[03:35] <a> x')).toEqual([
      ...['11:58', '12:01', '13:00', '15:35'],
    ])
  })

  test('if it goes backwards again, the time stays, within the same day', async () => {
    expect(await timesOf('[11:58] <a> x', '[01:00] <a> x', '[00:30] <a> x', '[01:02] <a> x', '[12:30] <a> x')).toEqual([
      ...['11:58', '13:00', '13:00', '13:02', '13:02'],
    ])
  })
})

describe('what cannot be imported', () => {
  test('only the line that is not UTF-8 is rejected, and it keeps its number', async () => {
    const bytes = Buffer.concat([
      Buffer.from('[10:00] <a> x\n[10:01] <b> '),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('\n[10:02] <c> \ufffd\n'),
    ])
    const { lines, rejected } = await dayOf(bytes)
    expect(rejected).toEqual([{ file, line: 1, reason: 'the line is not valid UTF-8' }])
    expect(lines.map(({ line }) => line)).toEqual([0, 2])
    expect(lines[1]).toMatchObject({ text: '\ufffd' })
  })

  test.each([
    [
      `[10:00] <a> ${'x'.repeat(lineLengthMax)}`,
      `the line has ${lineLengthMax + 12} characters; the limit is ${lineLengthMax}`,
    ],
    [`[10:00] <${'a'.repeat(65)}> x`, 'a nick has 65 characters; the limit is 64'],
    ['[24:00] <a> x', '24:00 is not a time of day'],
  ])('%.30s is rejected', async (line, reason) => {
    const { lines, rejected } = await dayOf(`${line}\n[10:00] <b> y`)
    expect(rejected).toEqual([{ file, line: 0, reason }])
    expect(lines).toHaveLength(1)
  })

  test('a byte-order mark and Windows line ends are not part of the text', async () => {
    expect((await dayOf('\uFEFF[10:00] <a> x\r\n')).lines).toMatchObject([{ kind: 'message', text: 'x' }])
  })
})

describe('folders', () => {
  test('the days are in order', async () => {
    const days = await readDays(await smallFolder({ '2011-01-02.train-a.raw.txt': '', [file]: '', 'README.md': '' }))
    expect(days.map(({ day, lines }) => [day, lines])).toEqual([
      ['2010-08-17', []],
      ['2011-01-02', []],
    ])
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['no log', { 'README.md': '' }, /has no file \*\.raw\.txt/],
    ['a name without a day', { 'monday.raw.txt': '' }, /monday\.raw\.txt does not begin with a day/],
    ['a name with no real day', { '2010-02-30.raw.txt': '' }, /does not begin with a day/],
    ['two logs of a day', { [file]: '', '2010-08-17_20.raw.txt': '' }, /has two logs of 2010-08-17/],
  ])('%s is an error with a hint', async (_, files, message) => {
    const error: unknown = await readDays(await smallFolder(files)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(FolderError)
    expect(error).toMatchObject({ message: expect.stringMatching(message), hint: expect.stringMatching(/day/) })
  })

  test('a missing folder is an error too', async () => {
    await expect(readDays('/nowhere/at/all')).rejects.toThrow('The folder /nowhere/at/all cannot be read.')
  })
})
