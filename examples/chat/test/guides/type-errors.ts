// Compiles code in a scratch copy with the repository's settings.
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './guide.ts'
import type { ScratchCopy } from './scratch-copy.ts'

/** The files of each copy that have errors; one program for all. */
export function typeErrors(copies: readonly ScratchCopy[]): readonly (readonly string[])[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const entries = copies.map(({ folder }) => join(folder, 'examples/chat/services/index.ts'))
  const program = ts.createProgram(entries, options)
  return copies.map(({ folder }) => {
    const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(`${folder}/`))
    const wrong = files.filter((file) => ts.getPreEmitDiagnostics(program, file).length > 0)
    return wrong.map(({ fileName }) => relative(join(folder, 'examples/chat'), fileName)).sort()
  })
}
