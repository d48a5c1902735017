// Time, randomness, timers, the process and output are passed in. The core, the HTTP API and the drivers use none of them directly, except
// in the files listed in port-implementations.ts. The syntax tree is checked, so comments and strings don't count.
import ts from 'typescript'
import type { Finding, SourceText } from './findings.ts'
import { isTest } from './findings.ts'
import type { Allowance } from './port-implementations.ts'

const members: Readonly<Record<string, readonly string[] | 'all'>> = {
  Date: ['now'],
  Math: ['random'],
  performance: 'all',
  crypto: ['randomUUID', 'getRandomValues'],
  process: 'all',
  console: 'all',
}

const functions = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']

const modules = ['node:timers', 'node:timers/promises', 'node:process', 'node:perf_hooks', 'node:console']

const named: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'],
}

const isReference = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return true
  return (
    ts.isExpressionStatement(parent) ||
    ts.isShorthandPropertyAssignment(parent) ||
    (ts.isPropertyAssignment(parent) && parent.initializer === node) ||
    (ts.isVariableDeclaration(parent) && parent.initializer === node)
  )
}

const useOfImport = (node: ts.ImportDeclaration): readonly string[] => {
  const { moduleSpecifier, importClause } = node
  if (!ts.isStringLiteral(moduleSpecifier)) return []
  if (modules.includes(moduleSpecifier.text)) return [moduleSpecifier.text]
  const bindings = importClause?.namedBindings
  if (bindings === undefined || !ts.isNamedImports(bindings)) return []
  const names = bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
  return names.filter((name) => named[moduleSpecifier.text]?.includes(name))
}

const useOf = (node: ts.Node): readonly string[] => {
  if (ts.isImportDeclaration(node)) return useOfImport(node)
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const names = members[node.expression.text]
    const { text } = node.name
    return names === 'all' || names?.includes(text) ? [`${node.expression.text}.${text}`] : []
  }
  if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && ts.isIdentifier(node.expression)) {
    const bare = ts.isCallExpression(node) || (node.arguments ?? []).length === 0
    if (node.expression.text === 'Date' && bare) return ['new Date()']
  }
  if (ts.isIdentifier(node) && functions.includes(node.text) && isReference(node)) return [node.text]
  return []
}

const allows = (allowed: string, use: string): boolean => use === allowed || use.startsWith(`${allowed}.`)

/** Every forbidden use in the shipped code of the core, the HTTP API and the drivers, and every allowance that is not used. */
export const checkDeterminism = (
  files: readonly SourceText[],
  allowances: readonly Allowance[],
): readonly Finding[] => {
  const findings: Finding[] = []
  const unused = new Set(allowances.flatMap(({ path, uses }) => uses.map((use) => `${path} ${use}`)))
  const check = (path: string, line: number, use: string): void => {
    const allowed = allowances.find((each) => each.path === path)?.uses.find((each) => allows(each, use))
    if (allowed !== undefined) unused.delete(`${path} ${allowed}`)
    else findings.push({ path, line, rule: 'determinism', message: `do not call ${use} here; take it from a port.` })
  }
  for (const { path, text } of files) {
    if (!/^(packages\/(tidings|http)|drivers\/[^/]+)\/src\//.test(path) || isTest(path)) continue
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      for (const use of useOf(node)) check(path, source.getLineAndCharacterOfPosition(node.getStart()).line + 1, use)
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  for (const stale of unused) {
    const [path = '', use = ''] = stale.split(' ')
    const message = `no longer uses ${use}; remove it from port-implementations.ts.`
    findings.push({ path, line: 0, rule: 'determinism', message })
  }
  return findings
}
