// The repository's program plus the snippets of its documents, so that they compile against the code they describe.
import path from 'node:path'
import ts from 'typescript'
import type { Finding } from './findings.ts'
import type { Snippet } from './snippet-rules.ts'

/** The program of a configuration, plus files that exist only as text (absolute path → text). */
export const createProgramWith = (config: ts.ParsedCommandLine, extra: ReadonlyMap<string, string>): ts.Program => {
  const options: ts.CompilerOptions = { ...config.options, incremental: false }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  const own = (file: string): string | undefined => extra.get(path.normalize(file))
  host.fileExists = (file) => own(file) !== undefined || fileExists(file)
  host.readFile = (file) => own(file) ?? readFile(file)
  host.getSourceFile = (file, version, ...rest) => {
    const text = own(file)
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version, true)
  }
  return ts.createProgram([...config.fileNames, ...extra.keys()], options, host)
}

/** The compiler's findings in one snippet, with the lines of its document. */
export const checkModule = (program: ts.Program, file: string, snippet: Snippet): readonly Finding[] =>
  ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((found) => {
    const { line = 0 } = found.file?.getLineAndCharacterOfPosition(found.start ?? 0) ?? {}
    const message = ts.flattenDiagnosticMessageText(found.messageText, ' ')
    return { path: snippet.path, line: snippet.line + line, rule: 'snippet', message }
  })
