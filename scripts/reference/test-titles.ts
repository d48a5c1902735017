// Reads the titles of tests from the sources, without running them. Invariant: a title itself names the promises it checks (numbers in
// front) and the traps it provokes (`[trap: order-lost]` at its end); nothing else is consulted.
import ts from 'typescript'
import { listFiles } from '../rules/repository.ts'
import { parse } from './docstrings.ts'

/** A test as its source declares it. */
export interface DeclaredTest {
  readonly file: string
  /** Parts that are only known at run time are "…". */
  readonly title: string
  readonly promises: readonly string[]
  readonly traps: readonly string[]
  /** Whether it runs a check on something deliberately broken, which the check must detect. */
  readonly broken: boolean
}

const isRead = (file: string): boolean =>
  /\.test\.ts$/.test(file)
    ? /^(packages|drivers|adapters)\//.test(file)
    : /\/src\/conformance\/(store|broker)\//.test(file)

/** Every test of the packages, drivers and adapters. */
export const declaredTests = (): readonly DeclaredTest[] =>
  listFiles()
    .filter(isRead)
    .flatMap((file) => titlesIn(parse(file)).map(({ title, broken }) => testOf(file, title, broken)))

const testOf = (file: string, title: string, broken: boolean): DeclaredTest => {
  const [front = ''] = /^(?:P(?:1[0-2]|[1-9])\b[, ]*)+/.exec(title) ?? []
  const traps = [...title.matchAll(/\[trap: ([a-z, -]+)\]/g)].flatMap(([, names = '']) => names.split(', '))
  return { file, title, promises: front.match(/P\d+/g) ?? [], traps, broken }
}

interface Title {
  readonly title: string
  readonly broken: boolean
}

const titlesIn = (source: ts.SourceFile): readonly Title[] => {
  const titles: Title[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [first, second] = node.arguments.map(textOf)
      const name = calleeOf(node)
      if ((name === 'promise' || name === 'brokenPromise') && second !== undefined)
        titles.push({ title: `${first ?? '…'} (…): ${second}`, broken: name === 'brokenPromise' })
      else if (name === 'test' && first !== undefined)
        titles.push({ title: first, broken: first.includes('broken variant') })
    }
    const name = conformanceName(node)
    if (name !== undefined) titles.push({ title: name, broken: false })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return titles
}

/** `test` of `test(…)` and of `test.each(…)(…)`. */
const calleeOf = ({ expression }: ts.CallExpression): string | undefined => {
  if (ts.isIdentifier(expression)) return expression.text
  const each = ts.isCallExpression(expression) ? expression.expression : undefined
  return each !== undefined && ts.isPropertyAccessExpression(each) ? each.expression.getText() : undefined
}

/** A conformance test is an object with `topic`, `name` and `run`. */
const conformanceName = (node: ts.Node): string | undefined => {
  if (!ts.isObjectLiteralExpression(node)) return undefined
  const members = new Map(node.properties.map((member) => [member.name?.getText(), member]))
  const name = members.get('name')
  return members.has('topic') && members.has('run') && name !== undefined && ts.isPropertyAssignment(name)
    ? textOf(name.initializer)
    : undefined
}

const textOf = (node: ts.Node): string | undefined => {
  if (ts.isStringLiteralLike(node)) return node.text.replaceAll(/%[sdijo]/g, '…')
  if (!ts.isTemplateExpression(node)) return undefined
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')
}

/** Whether a declared title is the one that a test has when it runs. */
export const isTitled = (declared: string, title: string): boolean => {
  const parts = declared.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  return new RegExp(`(?:^| > )${parts.join('.*')}$`, 's').test(title)
}

/** The tests that have a title when they run; of several that would fit, those whose source contains most of it. */
export const testsTitled = (tests: readonly DeclaredTest[], title: string): readonly DeclaredTest[] => {
  const matching = tests.filter((test) => knownLength(test) >= knownLengthMin && isTitled(test.title, title))
  const most = Math.max(...matching.map(knownLength))
  return matching.filter((test) => knownLength(test) === most)
}

/** A shorter title, such as `…` itself, would fit anything. */
const knownLengthMin = 10

const knownLength = ({ title }: DeclaredTest): number => title.replaceAll('…', '').length
