// Which texts are questions, and the rest of the wording.
import { expect, test } from 'vitest'
import { isQuestion } from '../services/threads/linking/is-question.ts'
import { wordingOf } from '../services/threads/linking/wording.ts'

test.each([
  ...[
    'is it there?',
    'why ?',
    'really?!',
    'what??? ',
    '(is it?)',
    'did he say "go?"',
    '“now?”',
    'why? :)',
    'so? ;-P',
    'is it? xD',
  ],
  ...['ok? 🙂', '?', 'what?...', '你好吗？', 'متى؟'],
])('%j is a question', (text) => {
  expect(isQuestion(text)).toBe(true)
})

test.each([
  ...[
    '',
    'no',
    'how do i mount a disk',
    'see http://example.net/?id=1',
    'what? no',
    'is it? yes :)',
    '(?) is a mark',
    'why :)',
  ],
])('%j is not a question', (text) => {
  expect(isQuestion(text)).toBe(false)
})

test('a very long text is checked at once', () => {
  const started = performance.now()
  expect(isQuestion(`${'? '.repeat(100_000)}no`)).toBe(false)
  expect(isQuestion(`no${' ?'.repeat(100_000)}`)).toBe(true)
  expect(performance.now() - started).toBeLessThan(500)
})

test.each<[string, object]>([
  ['hello everybody', { greets: true, requests: false, calls: false }],
  ['history repeats', { greets: false }],
  ['anyone know a good player', { requests: true, asks: false }],
  ['how do i mount a disk?', { requests: true, asks: true }],
  ['you have it', { requests: false }],
  ['!info top', { calls: true }],
  ['! no', { calls: false }],
])('%j', (text, wording) => {
  expect(wordingOf(text)).toMatchObject(wording)
})
