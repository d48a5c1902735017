// What a run of a public suite prints: each failure, then the figures. The exit code is 1 if a case failed.
import { text } from 'node:stream/consumers'

/** One case of a suite; `failure` says what was wrong. */
export interface SuiteCase {
  readonly name: string
  readonly failure: string | undefined
}

/** The lines of the standard input that are not empty. */
export async function linesOfInput(): Promise<readonly string[]> {
  return (await text(process.stdin)).split('\n').filter((line) => line.trim() !== '')
}

/** Prints the result of a suite. */
export function report(suite: string, cases: readonly SuiteCase[]): void {
  const failed = cases.filter(({ failure }) => failure !== undefined)
  for (const { name, failure } of failed) process.stdout.write(`FAILED ${name}: ${failure}\n`)
  process.stdout.write(`${suite}: ${cases.length - failed.length} of ${cases.length} passed.\n`)
  if (failed.length > 0 || cases.length === 0) process.exitCode = 1
}
