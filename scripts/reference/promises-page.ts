// docs/reference/promises.md: promise → tests → traps → mutations, from the titles of the tests and the mutations themselves.
// Invariant: there is no row without a test, and none without a mutation that was seen to turn a test red; otherwise there is no page.
import { promises } from '../../mutations/promises.ts'
import { type Trap, traps } from '../../mutations/traps.ts'
import { applyMutation } from '../mutations/apply-mutation.ts'
import { mutations, type NamedMutation } from '../mutations/load-mutations.ts'
import { wasSeenRed } from '../mutations/seen-red.ts'
import { readFiles } from '../rules/repository.ts'
import { code, page, table } from './markdown.ts'
import { type DeclaredTest, declaredTests, isTitled } from './test-titles.ts'

/** What is shown. */
interface Proof {
  readonly tests: readonly DeclaredTest[]
  readonly mutations: readonly NamedMutation[]
}

/** What keeps a mutation from standing in the table. */
const flawsOf = (mutation: NamedMutation, tests: readonly DeclaredTest[]): readonly string[] => {
  const { name, test } = mutation
  const flaws: string[] = []
  const [source] = readFiles([mutation.file])
  try {
    applyMutation(mutation, source?.text ?? '')
  } catch (error) {
    flaws.push((error as Error).message)
  }
  // A title that says more is meant rather than one that would fit anything.
  const [found] = tests
    .filter(({ file, title }) => isTested(file, test.file) && isTitled(title, test.title))
    .sort((one, other) => other.title.length - one.title.length)
  if (found === undefined) return [...flaws, `${name} names a test that is not there: ${test.file}: ${test.title}`]
  const missing = mutation.traps.filter((trap) => !found.traps.includes(trap))
  if (missing.length > 0) flaws.push(`The test of ${name} does not say that it provokes ${missing.join(', ')}.`)
  const others =
    found.promises.length > 0 ? mutation.promises.filter((promise) => !found.promises.includes(promise)) : []
  if (others.length > 0) flaws.push(`The test of ${name} does not say that it tests ${others.join(', ')}.`)
  if (!wasSeenRed(mutation)) flaws.push(`${name} was not seen red as it is now: npm run mutations -- ${name}`)
  return flaws
}

/** A suite's tests stand in the suite and are run by the file that a mutation names. */
const isTested = (declaredIn: string, runBy: string): boolean =>
  declaredIn === runBy || (declaredIn.includes('/src/conformance/') && runBy.endsWith('conformance.test.ts'))

const check = ({ tests, mutations: all }: Proof): void => {
  const flaws = all.flatMap((mutation) => flawsOf(mutation, tests))
  for (const [name, { notYet }] of Object.entries<Trap>(traps)) {
    const tested = tests.some((test) => test.traps.includes(name))
    const mutated = all.some((mutation) => mutation.traps.some((trap) => trap === name))
    if (notYet === undefined && !tested) flaws.push(`No test provokes the trap ${name}.`)
    if (notYet === undefined && !mutated) flaws.push(`No mutation opens the trap ${name}.`)
    if (notYet !== undefined && mutated) flaws.push(`The trap ${name} has a mutation, and is said not to apply yet.`)
  }
  for (const { file, title, traps: named } of tests)
    for (const name of named) if (!(name in traps)) flaws.push(`${file} names an unknown trap, ${name}: ${title}`)
  for (const promise of Object.keys(promises))
    if (!all.some((mutation) => mutation.promises.includes(promise))) flaws.push(`No mutation breaks ${promise}.`)
  if (flaws.length > 0) throw new Error(`docs/reference/promises.md cannot be written:\n  ${flaws.join('\n  ')}`)
}

const listed = (names: readonly string[]): string => (names.length > 0 ? names.map(code).join(', ') : '–')

/** The files of tests, each with how many. */
const filesOf = (tests: readonly DeclaredTest[]): string =>
  [...Map.groupBy(tests, ({ file }) => file)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, inFile]) => `[${file.split('/').at(-1)}](../../${file}) ${inFile.length}`)
    .join(', ')

const promiseRows = ({ tests, mutations: all }: Proof): string[][] =>
  Object.entries(promises).map(([number, { name, says }]) => {
    const ofPromise = tests.filter((test) => test.promises.includes(number))
    const broken = ofPromise.filter((test) => test.broken).length
    const breaking = all.filter((mutation) => mutation.promises.includes(number))
    const provoked = new Set([
      ...ofPromise.flatMap((test) => test.traps),
      ...breaking.flatMap((mutation) => mutation.traps),
    ])
    return [
      `**${number} ${name}.** ${says}`,
      `${filesOf(ofPromise)}${broken > 0 ? `; ${broken} of them broken variants` : ''}`,
      listed([...provoked].sort()),
      breaking.map((mutation) => code(mutation.name)).join(', '),
    ]
  })

const trapRows = ({ tests, mutations: all }: Proof): string[][] =>
  Object.entries<Trap>(traps).map(([name, { group, says, notYet }]) => [
    code(name),
    group,
    says,
    filesOf(tests.filter((test) => test.traps.includes(name))) || '–',
    notYet === undefined
      ? listed(all.filter((mutation) => mutation.traps.some((trap) => trap === name)).map((mutation) => mutation.name))
      : `Does not apply yet. ${notYet}`,
  ])

const mutationRows = ({ mutations: all }: Proof): string[][] =>
  all.map(({ name, effect, file, promises: broken, traps: opened, test }) => [
    `[${code(name)}](../../mutations/${name}.ts)`,
    effect,
    `[${file.split('/').at(-1)}](../../${file})`,
    [...broken, ...opened.map(code)].join(', '),
    `[${test.file.split('/').at(-1)}](../../${test.file}): ${test.title}`,
  ])

/** The page; throws where a row would have no test, or no mutation that was seen red. */
export const promisesPage = (): string => {
  const proof: Proof = { tests: declaredTests(), mutations }
  check(proof)
  return page(
    'Promises',
    ['the titles of the tests', 'mutations/'],
    `What Tidings promises, the tests that hold it, and how it is known that they would notice. A **trap** is a bug that systems of events
really have; a test that provokes one says so in its title. A **mutation** is a change to the product's own source that takes a safeguard
out; \`npm run mutations\` applies each to a copy and sees that the test named here, green without it, turns red. [Contributing](../../CONTRIBUTING.md)
says how to add one.`,
    '## Promises',
    table(['promise', 'tests', 'traps', 'mutations'], promiseRows(proof)),
    '## Traps',
    table(['trap', 'where', 'what goes wrong', 'tests that provoke it', 'mutations that open it'], trapRows(proof)),
    '## Mutations',
    table(['mutation', 'effect', 'in', 'breaks', 'turns red'], mutationRows(proof)),
  )
}
