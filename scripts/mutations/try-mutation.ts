// Tries one mutation in a copy and judges the outcome. Invariant: red means that the named test ran and failed.
import type { SourceText } from '../rules/findings.ts'
import { applyMutation } from './apply-mutation.ts'
import type { NamedMutation } from './load-mutations.ts'
import { sourcesOf } from './package-files.ts'
import { runTests, type Test } from './run-tests.ts'
import type { ScratchCopy } from './scratch-copy.ts'

/** The outcome of a mutation. */
export interface Verdict {
  readonly mutation: NamedMutation
  readonly red: boolean
  /** How the test failed, or why it did not. */
  readonly why: string
  readonly seconds: number
}

/** Errors of a mutation that breaks the program instead of removing a safeguard from it. */
const breakage = /^(?:SyntaxError|ReferenceError)\b/

/** Applies a mutation, runs its test, and undoes the mutation. */
export const tryMutation = async (copy: ScratchCopy, mutation: NamedMutation, test: Test): Promise<Verdict> => {
  let changed: SourceText
  try {
    changed = applyMutation(
      mutation,
      sourcesOf(mutation.package).map((path) => ({ path, text: copy.read(path) })),
    )
  } catch (error) {
    return { mutation, red: false, why: (error as Error).message, seconds: 0 }
  }
  const original = copy.read(changed.path)
  try {
    copy.write(changed.path, changed.text)
    const run = await runTests(copy.folder, [test])
    const outcome = run.outcomeOf(test)
    const judged = (red: boolean, why: string): Verdict => ({
      mutation,
      red,
      why: firstLine(why),
      seconds: run.seconds,
    })
    if (outcome === undefined) return judged(false, `The test did not run: ${run.output || 'no such test'}`)
    if (outcome.state !== 'failed') return judged(false, 'The test passes without the safeguard.')
    if (breakage.test(outcome.message)) return judged(false, `The mutation breaks the program: ${outcome.message}`)
    return judged(true, outcome.message)
  } finally {
    copy.write(changed.path, original)
  }
}

const firstLine = (text: string): string => {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 140 ? `${line.slice(0, 139)}…` : line
}
