// A run without a report, or with a file that could not be loaded, fails.
import { expect, test } from 'vitest'
import { countTests } from './count-tests.ts'

test('a successful run counts its tests', () => {
  const report = { success: true, numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
  expect(countTests(report, true).line).toBe('12 passed, 0 failed')
})

test('a failed run counts failed and skipped tests', () => {
  const report = { success: false, numPassedTests: 3, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }
  expect(countTests(report, true)).toEqual({ passed: 3, failed: 2, skipped: 2, line: '3 passed, 2 failed, 2 skipped' })
})

test.each([[undefined], [null], ['text'], [{}], [{ success: false, numPassedTests: 4, numFailedTests: 0 }]])(
  'a report without success counts as a failure: %j',
  (report) => {
    expect(countTests(report, true).failed).toBe(1)
  },
)

test('a runner that exits with an error after a successful report counts as a failure', () => {
  expect(countTests({ success: true, numPassedTests: 4 }, false).line).toBe('4 passed, 1 failed')
})
