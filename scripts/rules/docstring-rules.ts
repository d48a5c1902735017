// Every name that a public entry exports has a docstring, and so does every member of an exported type of options. The compiler resolves
// the names, as in an editor.
import ts from 'typescript'
import type { Finding } from './findings.ts'

const hasDocs = (symbol: ts.Symbol, checker: ts.TypeChecker): boolean =>
  symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '') ||
  symbol.getJsDocTags(checker).length > 0

/** Types of options, recognised by the end of their names. */
const optionTypes = /(Options|Limits|Config|Settings|Policy)$/

const membersOf = (declaration: ts.Declaration): readonly ts.TypeElement[] => {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members
  const object = ts.isTypeAliasDeclaration(declaration) ? declaration.type : undefined
  return object !== undefined && ts.isTypeLiteralNode(object) ? object.members : []
}

const memberSymbol = (member: ts.TypeElement, checker: ts.TypeChecker): ts.Symbol | undefined =>
  member.name === undefined ? undefined : checker.getSymbolAtLocation(member.name)

/** Public names and options of the entry files that have no docstring. `relative` turns an absolute path into one from the root. */
export const checkDocstrings = (
  program: ts.Program,
  entries: readonly string[],
  relative: (file: string) => string,
): readonly Finding[] => {
  const checker = program.getTypeChecker()
  const findings = new Map<ts.Node, Finding>()
  const add = (node: ts.Node, name: string): void => {
    const source = node.getSourceFile()
    if (source.fileName.includes('/node_modules/')) return
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    findings.set(node, {
      path: relative(source.fileName),
      line,
      rule: 'docstring',
      message: `${name} has no docstring.`,
    })
  }
  for (const entry of entries) {
    const source = program.getSourceFile(entry)
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source)
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const [first] = symbol.declarations ?? []
      if (first === undefined) continue
      if (!hasDocs(symbol, checker) && exported.name !== 'default') add(first, symbol.name)
      const members = optionTypes.test(symbol.name) ? (symbol.declarations ?? []).flatMap(membersOf) : []
      for (const member of members) {
        const inner = memberSymbol(member, checker)
        if (inner !== undefined && !hasDocs(inner, checker)) add(member, `${symbol.name}.${inner.name}`)
      }
    }
  }
  return [...findings.values()]
}
