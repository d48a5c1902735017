// Text on its way to a terminal: always safe, cut and broken by columns, coloured only in a terminal.

import { safeText } from '@tidings/node/output'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTerminal } from './terminal.ts'
import { bold, filled, joined, padded, red, rendered, shortened, type Text, widthOf, wrapped } from './text.ts'

const plain = (text: Text) => rendered(text, false)
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
const acting = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/

test('P12: no text can act on a terminal, however it is made [trap: access]', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      for (const each of [text, [bold(text)], shortened(text, width), ...wrapped(text, width), joined([text], text)])
        expect(plain(each)).not.toMatch(acting)
      expect(safeText(text).isWellFormed()).toBe(true)
    }),
  )
  expect(safeText('a\u001b[2Jb\u202ec\ud800\n')).toBe('a\\u001b[2Jb\\u202ec\\ud800\\n')
})

const invisible = [
  '\u00ad',
  '\u034f',
  '\u115f',
  '\u2060',
  '\u2800',
  '\u3164',
  '\ufe0f',
  '\uffa0',
  '\u{e0001}',
  '\u{e0041}',
]

test('P12: texts that differ look different: no character is invisible [trap: names]', () => {
  for (const character of invisible) {
    expect(safeText(`order-1${character}`)).toMatch(/^order-1\\u/)
    expect(safeText(character)).toMatch(/^[\x20-\x7e]+$/)
  }
  expect(safeText('ord\u00ader \u{e0041}')).toBe('ord\\u00ader \\u{e0041}')
  expect(safeText('Ж é 日本 e\u0301 😀')).toBe('Ж é 日本 e\u0301 😀')
})

test('colours are put around the text when it is written, and only there', () => {
  expect(rendered([red(bold('no')), ' ', 'yes'], true)).toBe('\u001b[1m\u001b[31mno\u001b[39m\u001b[22m yes')
  expect(rendered(red('\u001b[0m'), true)).toBe('\u001b[31m\\u001b[0m\u001b[39m')
})

test('widths count columns, not characters', () => {
  expect(widthOf(['abc', bold('de')])).toBe(5)
  expect(widthOf('日本')).toBe(4)
  expect(widthOf('e\u0301')).toBe(1)
  expect(plain(padded('日本', 6))).toBe('日本  ')
  expect(plain(padded('7', 3, 'right'))).toBe('  7')
})

test('text that is too long is cut with a mark, and keeps its styles', () => {
  expect(plain(shortened('abcdef', 6))).toBe('abcdef')
  expect(plain(shortened(['abc', bold('def')], 5))).toBe('abcd…')
  expect(plain(shortened('日本語', 4))).toBe('日…')
})

test('lines break between words, and within one only where it must be', () => {
  const lines = (text: Text, width: number) => wrapped(text, width).map((line) => plain(line).trimEnd())
  expect(lines('the quick brown fox', 10)).toEqual(['the quick', 'brown fox'])
  expect(lines('abcdefgh ij', 4)).toEqual(['abcd', 'efgh', 'ij'])
  expect(lines('', 4)).toEqual([''])
  expect(lines('name  two words  three', 16)).toEqual(['name  two words', 'three'])
  expect(lines(['some name', '  ', bold('two '), 'words'], 16)).toEqual(['some name', 'two words'])
  expect(filled(['one', 'two', 'three'], '  ', 8).map(plain)).toEqual(['one  two', 'three'])
})

test('a command in backquotes is not broken if it fits on a line', () => {
  const lines = (text: Text, width: number) => wrapped(text, width).map((line) => plain(line).trimEnd())
  expect(lines('Type `tidings dead list --all` now.', 28)).toEqual(['Type', '`tidings dead list --all`', 'now.'])
  expect(lines('Type `tidings dead list --all` now.', 16)).toEqual(['Type `tidings', 'dead list --all`', 'now.'])
  expect(lines('one ` alone and more words', 12)).toEqual(['one ` alone', 'and more', 'words'])
  expect(lines('`a b`, `c d` e', 8)).toEqual(['`a b`,', '`c d` e'])
})

test('a wrapped text has every character it had, in lines that fit', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z ]{0,60}$/), fc.integer({ min: 1, max: 20 }), (text, width) => {
      const lines = wrapped(text, width).map(plain)
      expect(lines.join('')).toBe(text)
      for (const line of lines) expect(line.trimEnd().length).toBeLessThanOrEqual(width)
    }),
  )
})

function terminalOn(options: { isTTY?: boolean; columns?: number; env?: Record<string, string> }) {
  let written = ''
  const stream = { write: (text: string) => (written += text), isTTY: options.isTTY, columns: options.columns }
  const terminal = createTerminal({ stdout: stream, stderr: stream, env: options.env ?? {} })
  return { terminal, written: () => written }
}

test.each([
  ['a terminal', { isTTY: true, columns: 120 }, true, 120],
  ['a pipe', {}, false, 100],
  ['NO_COLOR', { isTTY: true, columns: 80, env: { NO_COLOR: '1' } }, false, 80],
  ['FORCE_COLOR', { env: { FORCE_COLOR: '1' } }, true, 100],
  ['a dumb terminal', { isTTY: true, columns: 80, env: { TERM: 'dumb' } }, false, 80],
  ['a very narrow terminal', { isTTY: true, columns: 10 }, true, 40],
])('on %s', (_what, options, coloured, width) => {
  const { terminal, written } = terminalOn(options)
  terminal.line(bold('x'))
  expect(written().includes('\u001b')).toBe(coloured)
  expect(terminal.width).toBe(width)
})

test('JSON is the same value, without anything a terminal acts on', () => {
  const { terminal, written } = terminalOn({ isTTY: true })
  const value = { key: 'a\u009b2J\u202e\u001b', '\u0085': 1, unseen: invisible.join('') }
  terminal.json(value, true)
  expect(written().trimEnd()).not.toMatch(acting)
  expect(written().trimEnd()).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(written())).toEqual(value)
})
