// Finds the test that a mutation names, by its title. Invariant: exactly one test matches; otherwise the error names the mutation.
import { type DeclaredTest, declaredTests, testsTitled } from '../reference/test-titles.ts'
import type { NamedMutation } from './load-mutations.ts'
import { testFilesOf } from './package-files.ts'
import type { Test } from './run-tests.ts'

let known: readonly DeclaredTest[] | undefined

/** The test of a mutation: its declaration and the file that runs it. Throws if no test matches, or more than one. */
export const findTest = (mutation: NamedMutation): Test & { readonly declared: DeclaredTest } => {
  const { name, test: title } = mutation
  known ??= declaredTests()
  const [declared, ...others] = testsTitled(known, title)
  if (declared === undefined) throw new Error(`${name} names a test that does not exist: ${title}`)
  if (others.length > 0) {
    const places = [declared, ...others].map(({ file }) => file).join(', ')
    throw new Error(`${name} names a test by a title that ${others.length + 1} tests have, in ${places}: ${title}`)
  }
  return { declared, title, file: runnerOf(declared, mutation) }
}

/** The file that runs a test. Tests of a conformance suite are declared in the suite and run by the package that passes it. */
const runnerOf = ({ file }: DeclaredTest, { name, package: owner }: NamedMutation): string => {
  if (file.endsWith('.test.ts')) return file
  const runners = testFilesOf(owner).filter((each) => each.endsWith('conformance.test.ts'))
  const [runner] = runners
  if (runner === undefined || runners.length > 1)
    throw new Error(
      `${name} names a test of ${file}. One file of ${owner} should run that suite; ${runners.length} do.`,
    )
  return runner
}
