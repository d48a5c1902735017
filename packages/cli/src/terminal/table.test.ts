// Tables and trees: aligned, and no wider than the terminal.

import { expect, test } from 'vitest'
import { fieldLines, tableLines } from './table.ts'
import { rendered, type Text } from './text.ts'
import { clockText, countOf, durationText, momentText } from './time-text.ts'
import { treeLines } from './tree.ts'

const plain = (lines: readonly Text[]) => lines.map((line) => rendered(line, false).trimEnd())

test('columns are as wide as their widest cell, numbers are aligned right', () => {
  const columns = [{ title: 'who' }, { title: 'lag', align: 'right' as const }]
  expect(
    plain(
      tableLines(
        columns,
        [
          ['orders', '1'],
          ['a', '1,000'],
        ],
        80,
      ),
    ),
  ).toEqual(['who       lag', 'orders      1', 'a       1,000'])
})

test('in a narrow terminal, columns that may shrink break between words first, then are cut', () => {
  const columns = [{}, { fit: 'wrap' as const, widthMin: 4 }]
  expect(plain(tableLines(columns, [['name', 'alpha beta gamma']], 16))).toEqual(['name  alpha beta', '      gamma'])
  const cut = [{}, { fit: 'cut' as const, widthMin: 4 }]
  expect(plain(tableLines(cut, [['name', 'alpha beta gamma']], 12))).toEqual(['name  alpha…'])
  expect(plain(tableLines(cut, [['name', 'alpha']], 2))).toEqual(['name  alp…'])
})

test('an empty column takes no room', () => {
  expect(
    plain(
      tableLines(
        [{}, {}, {}],
        [
          ['a', '', 'b'],
          ['c', '', 'd'],
        ],
        80,
      ),
    ),
  ).toEqual(['a  b', 'c  d'])
})

test('fields are named values', () => {
  expect(
    plain(
      fieldLines(
        [
          ['http', 'x'],
          ['engine', 'a b c'],
        ],
        80,
      ),
    ),
  ).toEqual(['  http    x', '  engine  a b c'])
})

test('a tree draws its branches, and a long node continues behind them', () => {
  const leaf = (text: string) => ({ text, children: [] })
  const tree = { text: 'root', children: [{ text: 'one', children: [leaf('two '.repeat(9).trim())] }, leaf('three')] }
  expect(plain(treeLines([tree], 26))).toEqual([
    'root',
    '├─ one',
    '│  └─ two two two two two',
    '│       two two two two',
    '└─ three',
  ])
})

test.each([
  [0, '0 ms'],
  [0.123, '0.12 ms'],
  [4.56, '4.6 ms'],
  [999.4, '999 ms'],
  [1_234, '1.2 s'],
  [61_000, '1 min 1 s'],
  [7_200_000, '2 h'],
  [90_000_000, '1 d 1 h'],
  [-5, '-5 ms'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('times are UTC, and an invalid time is shown as dashes', () => {
  expect(momentText(0)).toBe('1970-01-01 00:00:00.000')
  expect(clockText(Number.NaN)).toBe('--:--:--.---')
  expect([countOf(1, 'event'), countOf(1_234, 'event')]).toEqual(['1 event', '1,234 events'])
})
