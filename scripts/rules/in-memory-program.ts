// A compiler program over sources given as text, for the tests of the rules that need types.
import path from 'node:path'
import ts from 'typescript'

/** A strict program over the given files (file name → text); other files come from the disk. */
export const createProgramOf = (files: Readonly<Record<string, string>>): ts.Program => {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  const own = (file: string): string | undefined => files[path.basename(file)]
  host.fileExists = (file) => own(file) !== undefined || fileExists(file)
  host.readFile = (file) => own(file) ?? readFile(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = own(file)
    return text === undefined
      ? getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, ts.ScriptTarget.ES2024, true)
  }
  return ts.createProgram(Object.keys(files), options, host)
}
