// Removes safeguards from a copy of the product, one at a time, and checks that a test fails each time: `npm run mutations [-- NAME…]`.
// Invariant: every named test passes without its mutation and fails with it; otherwise the run fails.
import { availableParallelism } from 'node:os'
import { findTest } from './mutations/find-test.ts'
import { mutations, type NamedMutation } from './mutations/load-mutations.ts'
import { runTests, type Test } from './mutations/run-tests.ts'
import { createScratchCopy, type ScratchCopy } from './mutations/scratch-copy.ts'
import { noteRed } from './mutations/seen-red.ts'
import { tryMutation, type Verdict } from './mutations/try-mutation.ts'

const wanted = process.argv.slice(2)
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

type Tests = ReadonlyMap<NamedMutation, Test>

/** The test of each mutation. A test that is not found is reported and left out. */
const findTests = (): Tests => {
  const found = new Map<NamedMutation, Test>()
  for (const mutation of chosen) {
    try {
      found.set(mutation, findTest(mutation))
    } catch (error) {
      console.log(`  NOT FOUND ${(error as Error).message}`)
    }
  }
  return found
}

/** The tests that pass on the unchanged product. */
const greenAmong = async (tests: Tests, copy: ScratchCopy, workers: number): Promise<Tests> => {
  const run = await runTests(copy.folder, [...tests.values()], workers)
  const green = new Map([...tests].filter(([, test]) => run.outcomeOf(test)?.state === 'passed'))
  console.log(`${green.size} of ${chosen.length} tests are green without a mutation (${run.seconds.toFixed(0)} s).`)
  for (const [mutation, test] of tests) {
    if (green.has(mutation)) continue
    const why = run.outcomeOf(test)?.message.split('\n')[0] ?? `It did not run. ${run.output.slice(-300)}`
    console.log(`  NOT GREEN ${mutation.name}: ${test.file}: ${test.title}\n  ${why}`)
  }
  return green
}

const show = ({ mutation, red, why, seconds }: Verdict): void =>
  console.log(
    `${red ? 'red      ' : 'NOT RED  '} ${seconds.toFixed(1).padStart(5)} s  ${mutation.name.padEnd(38)} ${why}`,
  )

const tryAll = async (copies: readonly ScratchCopy[], tests: Tests): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = []
  const left = tests.entries()
  const work = async (copy: ScratchCopy): Promise<void> => {
    for (const [mutation, test] of left) {
      const verdict = await tryMutation(copy, mutation, test)
      verdicts.push(verdict)
      show(verdict)
    }
  }
  await Promise.all(copies.map(work))
  return verdicts
}

const main = async (): Promise<boolean> => {
  if (chosen.length === 0) {
    console.log(
      `No name of a mutation contains ${wanted.join(' or ')}. The mutations are:\n  ${mutations.map(({ name }) => name).join('\n  ')}`,
    )
    return false
  }
  const started = performance.now()
  const slots = Math.min(2, availableParallelism(), chosen.length)
  const copies = Array.from({ length: slots }, (_, slot) => createScratchCopy(`${process.pid}-${slot}`))
  try {
    const [first] = copies
    const tests = findTests()
    const green = first === undefined || tests.size === 0 ? tests : await greenAmong(tests, first, slots)
    const verdicts = await tryAll(copies, green)
    const red = verdicts.filter((verdict) => verdict.red).map(({ mutation }) => mutation)
    noteRed(
      mutations,
      red,
      chosen.filter((mutation) => !red.includes(mutation)),
    )
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`${red.length} of ${chosen.length} mutations turned their test red in ${seconds} s.`)
    return red.length === chosen.length
  } finally {
    for (const copy of copies) copy.remove()
  }
}

process.exitCode = (await main()) ? 0 : 1
