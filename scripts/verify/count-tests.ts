// Reads the test runner's JSON report. Invariant: a missing or broken report, or a file that could not be loaded, counts as a failure.

/** How many tests passed and failed, and the line that says so. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly line: string
}

const numberOf = (report: object, name: string): number => {
  const value: unknown = Reflect.get(report, name)
  return typeof value === 'number' ? value : 0
}

/** Counts the tests of a report. If the report or the exit code says that the run failed, there is at least one failure. */
export const countTests = (report: unknown, exitedWell: boolean): TestCounts => {
  const known = typeof report === 'object' && report !== null ? report : {}
  const passed = numberOf(known, 'numPassedTests')
  const skipped = numberOf(known, 'numPendingTests') + numberOf(known, 'numTodoTests')
  const succeeded = exitedWell && Reflect.get(known, 'success') === true
  const failed = Math.max(numberOf(known, 'numFailedTests'), succeeded ? 0 : 1)
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  return { passed, failed, skipped, line }
}
