// Two rules that the linter does not have: errors come from the registry, and no test is skipped.
import ts from 'typescript'
import type { Finding, SourceText } from './findings.ts'
import { isTest } from './findings.ts'

const bareErrors = ['Error', 'TypeError', 'RangeError']
const quietTests = ['skip', 'only', 'todo', 'fails']
const testFunctions = ['test', 'it', 'describe', 'suite']

const isBareThrow = (node: ts.Node): boolean =>
  ts.isThrowStatement(node) &&
  ts.isNewExpression(node.expression) &&
  ts.isIdentifier(node.expression.expression) &&
  bareErrors.includes(node.expression.expression.text)

const isQuietTest = (node: ts.Node): boolean => {
  if (!ts.isPropertyAccessExpression(node) || !quietTests.includes(node.name.text)) return false
  const [start] = node.expression.getText().split('.')
  return testFunctions.includes(start ?? '')
}

/** Bare errors thrown by the core, the drivers and the adapters, and tests that are skipped, alone, or meant to fail. */
export const checkCode = (files: readonly SourceText[]): readonly Finding[] => {
  const findings: Finding[] = []
  for (const { path, text } of files) {
    if (!/\.ts$/.test(path)) continue
    const throws = /^(packages\/tidings|drivers\/[^/]+|adapters\/[^/]+)\/src\//.test(path) && !isTest(path)
    if (!throws && !isTest(path)) continue
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      if (throws && isBareThrow(node)) {
        findings.push({
          path,
          line,
          rule: 'errors',
          message: 'throw a TidingsError or use invariant, not a bare error.',
        })
      }
      if (!throws && isQuietTest(node)) {
        findings.push({ path, line, rule: 'tests', message: `${node.getText()} skips tests.` })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return findings
}
