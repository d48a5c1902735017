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
  [
    'a line that no longer exists',
    diff(' one', ' two', '+x'),
    'guide.md:14: The hunk does not match a.ts, which does not contain: two',
  ],
  [
    'a line with another indentation',
    diff('   one', '+x'),
    'guide.md:13: The hunk does not match a.ts, which does not contain:   one',
  ],
  [
    'a hunk that matches in several places',
    diff(' same', '+x'),
    'guide.md:13: The hunk matches a.ts in several places: lines 2, 3',
  ],
  ['a hunk without old lines', diff('+x'), 'guide.md:10: The hunk for a.ts has no old lines to find its place.'],
  ['a missing file name', '@@\n one', 'guide.md:10: The diff does not begin with the name of a file.'],
  ['a missing @@', '--- a.ts\n one', 'guide.md:11: The hunk does not begin with @@.'],
])('refused: %s', (_, wrong, message) => {
  expect(() => applied(wrong, 'one\nsame\nsame\n')).toThrow(message)
})
