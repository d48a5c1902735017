// docs/reference/promises.md: promise → tests → traps → mutations, from the titles of the tests and the mutations themselves.
// Invariant: every promise and trap has a test, and a mutation that has turned a test red; otherwise the page is not written.
import { promises } from '../../mutations/promises.ts'
import { type Trap, type TrapName, traps } from '../../mutations/traps.ts'
import { applyMutation } from '../mutations/apply-mutation.ts'
import { findTest } from '../mutations/find-test.ts'
import { mutations, type NamedMutation } from '../mutations/load-mutations.ts'
import { readSources } from '../mutations/package-files.ts'
import { wasSeenRed } from '../mutations/seen-red.ts'
import { code, page, table } from './markdown.ts'
import { type DeclaredTest, declaredTests } from './test-titles.ts'

/** A mutation with the file it changes, its test, and what it breaks. */
interface Shown extends Required<NamedMutation> {
  readonly changes: string
  readonly runBy: string
}

/** The content of the page. */
interface Proof {
  readonly tests: readonly DeclaredTest[]
  readonly mutations: readonly Shown[]
}

/** Finds the file that a mutation changes and the test that notices it; adds to the flaws what is wrong with it. */
const find = (mutation: NamedMutation, flaws: string[]): readonly Shown[] => {
  const { name } = mutation
  try {
    const changes = applyMutation(mutation, readSources(mutation.package)).path
    const { declared, file: runBy } = findTest(mutation)
    const { promises: tested, traps: provoked } = declared
    const { promises: broken = tested, traps: opened = provoked as readonly TrapName[] } = mutation
    const missing = opened.filter((trap) => !provoked.includes(trap))
    if (missing.length > 0) flaws.push(`The title of the test of ${name} does not name the trap ${missing.join(', ')}.`)
    const others = tested.length > 0 ? broken.filter((promise) => !tested.includes(promise)) : []
    if (others.length > 0) flaws.push(`The title of the test of ${name} does not name ${others.join(', ')}.`)
    if (!wasSeenRed(mutation))
      flaws.push(`${name} has not turned its test red since it changed: npm run mutations -- ${name}`)
    return [{ replace: '', ...mutation, promises: broken, traps: opened, changes, runBy }]
  } catch (error) {
    flaws.push((error as Error).message)
    return []
  }
}

const check = ({ tests, mutations: all }: Proof, flaws: string[]): void => {
  for (const [name, { notYet }] of Object.entries<Trap>(traps)) {
    const tested = tests.some((test) => test.traps.includes(name))
    const mutated = all.some((mutation) => mutation.traps.some((trap) => trap === name))
    if (notYet === undefined && !tested) flaws.push(`No test provokes the trap ${name}.`)
    if (notYet === undefined && !mutated) flaws.push(`No mutation leads into the trap ${name}.`)
    if (notYet !== undefined && mutated)
      flaws.push(`The trap ${name} has a mutation, but is marked as not applying yet.`)
  }
  for (const { file, title, traps: named } of tests)
    for (const name of named) if (!(name in traps)) flaws.push(`${file} names an unknown trap, ${name}: ${title}`)
  for (const promise of Object.keys(promises))
    if (!all.some((mutation) => mutation.promises.includes(promise))) flaws.push(`No mutation breaks ${promise}.`)
  if (flaws.length > 0) throw new Error(`docs/reference/promises.md cannot be written:\n  ${flaws.join('\n  ')}`)
}

const listed = (names: readonly string[]): string => (names.length > 0 ? names.map(code).join(', ') : '–')

/** The files of tests, each with its number of tests. */
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
  all.map(({ name, effect, changes, promises: broken, traps: opened, test, runBy }) => [
    `[${code(name)}](../../mutations/${name.split('/')[0]}.ts)`,
    effect,
    `[${changes.split('/').at(-1)}](../../${changes})`,
    [...broken, ...opened.map(code)].join(', '),
    `[${runBy.split('/').at(-1)}](../../${runBy}): ${test}`,
  ])

/** The page; throws if a row has no test, or no mutation that was seen red. */
export const promisesPage = (): string => {
  const flaws: string[] = []
  const proof: Proof = { tests: declaredTests(), mutations: mutations.flatMap((mutation) => find(mutation, flaws)) }
  check(proof, flaws)
  return page(
    'Promises',
    ['the titles of the tests', 'mutations/'],
    `This page lists what Tidings promises, the tests that check each promise, and the evidence that these tests would notice a violation. A **trap** is
a bug that event-driven systems really have; if a test provokes a trap, its title names the trap. A **mutation** is a change to
the product's own source that removes a safeguard; \`npm run mutations\` applies each mutation to a copy and checks that the test named here fails.
[Contributing](../../CONTRIBUTING.md) describes how to add a mutation.`,
    '## Promises',
    table(['promise', 'tests', 'traps', 'mutations'], promiseRows(proof)),
    '## Traps',
    table(['trap', 'area', 'what goes wrong', 'tests that provoke it', 'mutations that lead into it'], trapRows(proof)),
    '## Mutations',
    table(['mutation', 'effect', 'in', 'breaks', 'test that fails'], mutationRows(proof)),
  )
}
