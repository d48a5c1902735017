// Reads the imports of a source file and finds import cycles. Type imports count too: two files in a cycle of types cannot be understood
// separately.
import path from 'node:path'
import ts from 'typescript'
import type { SourceText } from './findings.ts'

/** One import, export-from, dynamic import or import type. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** When the module is loaded: with the file (`static`), by a call of `import()` (`dynamic`), or never (`type`). */
  readonly kind: 'static' | 'dynamic' | 'type'
}

/** Every module that a file names, in the order of the text. */
export const importsOf = ({ path: file, text }: SourceText): readonly Import[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (node: ts.Node | undefined, kind: Import['kind']): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      found.push({ specifier: node.text, line, kind })
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'static')
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static')
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type')
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'dynamic')
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The target of a relative import, as a path from the root; `undefined` for a bare import. */
export const resolveRelative = (from: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier)) : undefined

/** The package of a bare specifier: `@a/b` for `@a/b/c`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/**
 * Groups of files that import each other in a cycle: at least two files, or one that imports itself.
 * Tarjan's strongly connected components (R. Tarjan, 1972).
 */
export const findCycles = (edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] => {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (file: string): void => {
    const own = index.size
    index.set(file, own)
    low.set(file, own)
    stack.push(file)
    for (const next of edges.get(file) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? own, low.get(next) ?? own))
    }
    if (low.get(file) !== own) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1 || edges.get(file)?.includes(file)) cycles.push(group.sort())
  }
  for (const file of edges.keys()) if (!index.has(file)) visit(file)
  return cycles
}
