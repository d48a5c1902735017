// Finds floating promises: if nobody awaits a promise, nobody sees its error. A statement whose value is a promise is refused unless its
// rejection is handled; write `void promise` if you mean it.
import ts from 'typescript'
import type { Finding } from './findings.ts'

const isPromise = (type: ts.Type, checker: ts.TypeChecker): boolean => {
  if (type.flags & ts.TypeFlags.Any) return false
  if (type.isUnion()) return type.types.some((each) => isPromise(each, checker))
  return checker.getPropertyOfType(type, 'then')?.valueDeclaration !== undefined
}

/** `.then` with two handlers and `.catch` with one handle the rejection. */
const isHandled = ({ expression, arguments: given }: ts.CallExpression): boolean =>
  ts.isPropertyAccessExpression(expression) &&
  ((expression.name.text === 'then' && given.length === 2) || (expression.name.text === 'catch' && given.length === 1))

/** Every floating promise in the given files of the program. */
export const checkPromises = (
  program: ts.Program,
  files: readonly string[],
  relative: (file: string) => string,
): readonly Finding[] => {
  const checker = program.getTypeChecker()
  const findings: Finding[] = []
  for (const file of files) {
    const source = program.getSourceFile(file)
    if (source === undefined) continue
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression) && !isHandled(node.expression)) {
        if (isPromise(checker.getTypeAtLocation(node.expression), checker)) {
          const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
          const message = 'this promise is not awaited, returned or marked with void.'
          findings.push({ path: relative(file), line, rule: 'floating', message })
        }
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return findings
}
