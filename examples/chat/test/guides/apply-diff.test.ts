// Applying a guide's diffs: a hunk that matches in one place is applied, everything else is an error with the file and the line.
import { expect, test } from 'vitest'
import { applyDiff } from './apply-diff.ts'

const applied = (diff: string, text: string): string => {
  let result = text
  const block = { language: 'diff', heading: '', from: undefined, guide: 'guide.md', line: 10, lines: diff.split('\n') }
  applyDiff(block, {
    read: () => result,
    write: (_, written) => {
      result = written
    },
  })
  return result
}
const diff = (...hunk: string[]) => ['--- a.ts', '+++ a.ts', '@@', ...hunk].join('\n')

test('lines are added, removed and changed, in several hunks', () => {
  const two = `${diff(' one', '+one and a half', ' two')}\n@@\n \n-four\n+five`
  expect(applied(two, 'one\ntwo\n\nfour\n')).toBe('one\none and a half\ntwo\n\nfive\n')
})

test.each([
  ['a line that is no longer there', diff(' one', ' two', '+x'), 'guide.md:14 no longer fits a.ts, which lacks: two'],
  ['a line that is indented otherwise', diff('   one', '+x'), 'guide.md:13 no longer fits a.ts, which lacks:   one'],
  ['a place that is not the only one', diff(' same', '+x'), 'guide.md:13 fits a.ts in several places: lines 2, 3'],
  ['lines that belong anywhere', diff('+x'), 'guide.md:10: a hunk of a.ts does not say where it belongs.'],
  ['no name of a file', '@@\n one', 'guide.md:10: a diff begins with the name of its file.'],
  ['no beginning of a hunk', '--- a.ts\n one', 'guide.md:11: a hunk begins with @@.'],
])('refused: %s', (_, wrong, message) => {
  expect(() => applied(wrong, 'one\nsame\nsame\n')).toThrow(message)
})
