// Takes safeguards out of a copy of the product, one at a time, and sees that a test notices each: `npm run mutations [-- NAME…]`.
// Invariant: every named test is green without its mutation, and red with it; anything else ends the run with an error.
import { availableParallelism } from 'node:os'
import { mutations, type NamedMutation } from './mutations/load-mutations.ts'
import { runTests } from './mutations/run-tests.ts'
import { createScratchCopy, type ScratchCopy } from './mutations/scratch-copy.ts'
import { noteRed } from './mutations/seen-red.ts'
import { tryMutation, type Verdict } from './mutations/try-mutation.ts'

const wanted = process.argv.slice(2)
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))

/** The names of tests that are not green as the product stands. */
const notGreen = async (copy: ScratchCopy, workers: number): Promise<ReadonlySet<NamedMutation>> => {
  const run = await runTests(
    copy.folder,
    chosen.map(({ test }) => test),
    workers,
  )
  const failed = chosen.filter(({ test }) => run.outcomeOf(test)?.state !== 'passed')
  console.log(
    `${chosen.length - failed.length} of ${chosen.length} tests are green without a mutation (${run.seconds.toFixed(0)} s).`,
  )
  for (const { name, test } of failed) {
    const outcome = run.outcomeOf(test)
    console.log(
      `  NOT GREEN ${name}: ${test.file}: ${test.title}\n  ${outcome?.message.split('\n')[0] ?? `It did not run. ${run.said.slice(-300)}`}`,
    )
  }
  return new Set(failed)
}

const show = ({ mutation, red, why, seconds }: Verdict): void =>
  console.log(
    `${red ? 'red      ' : 'NOT RED  '} ${seconds.toFixed(1).padStart(5)} s  ${mutation.name.padEnd(38)} ${why}`,
  )

const tryAll = async (
  copies: readonly ScratchCopy[],
  trying: readonly NamedMutation[],
): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = []
  const left = trying.values()
  const work = async (copy: ScratchCopy): Promise<void> => {
    for (const mutation of left) {
      const verdict = await tryMutation(copy, mutation)
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
      `No mutation is called ${wanted.join(' or ')}. There are:\n  ${mutations.map(({ name }) => name).join('\n  ')}`,
    )
    return false
  }
  const started = performance.now()
  const slots = Math.min(2, availableParallelism(), chosen.length)
  const copies = Array.from({ length: slots }, (_, slot) => createScratchCopy(`${process.pid}-${slot}`))
  try {
    const [first] = copies
    const bad = first === undefined ? new Set<NamedMutation>() : await notGreen(first, slots)
    const verdicts = await tryAll(
      copies,
      chosen.filter((mutation) => !bad.has(mutation)),
    )
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
