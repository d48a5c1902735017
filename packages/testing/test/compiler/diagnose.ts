// Asks the TypeScript compiler about a file as an editor does: what it says is wrong, and what it shows where the pointer rests.
// A file that is wrong on purpose is named `….ts.txt`, so that nothing else compiles it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const root = path.resolve(import.meta.dirname, '../../../..')

/** A file that is open in an editor. */
export interface OpenFile {
  /** The first error after a comment, with all that explains it; `undefined` if there is none on the lines up to the next comment. */
  errorAfter(comment: string): string | undefined
  /** The comments that begin with `// mistake: `, without it. */
  readonly mistakes: readonly string[]
  /** What is shown for the last character of a piece of code. */
  hover(code: string): string
}

/** Opens a file with the options of the repository. */
export function openFile(file: string): OpenFile {
  const fileName = path.resolve(root, file.replace(/\.txt$/, ''))
  const text = readFileSync(path.resolve(root, file), 'utf8')
  const service = ts.createLanguageService(hostOf(fileName, text))
  const lines = text.split('\n')
  const mistakes = lines.flatMap((line) => /^\s*\/\/ mistake: (.*)$/.exec(line)?.[1] ?? [])
  const errors = [...service.getSyntacticDiagnostics(fileName), ...service.getSemanticDiagnostics(fileName)]
  const lineOf = ({ start = 0 }: ts.Diagnostic) => text.slice(0, start).split('\n').length - 1
  return {
    mistakes,
    errorAfter: (comment) => {
      const at = lines.findIndex((line) => line.trim() === `// mistake: ${comment}`)
      const end = lines.findIndex((line, index) => index > at && line.trim().startsWith('// mistake: '))
      const found = errors.find((error) => lineOf(error) > at && (end < 0 || lineOf(error) < end))
      return found === undefined ? undefined : textOf(found)
    },
    hover: (code) => {
      const info = service.getQuickInfoAtPosition(fileName, text.indexOf(code) + code.length - 1)
      return ts.displayPartsToString(info?.displayParts)
    },
  }
}

/** What an editor shows for a call of a method: the method, where it is called, and the text in one line. */
export interface Shown {
  readonly method: string
  readonly at: string
  readonly text: string
}

/** What an editor shows for each call of some methods in files of the repository. */
export function shownCalls(files: readonly string[], methods: readonly string[]): readonly Shown[] {
  const names = files.map((file) => path.resolve(root, file))
  const service = ts.createLanguageService({ ...hostOf('', ''), getScriptFileNames: () => names })
  return names.flatMap((fileName) => {
    const source = service.getProgram()?.getSourceFile(fileName)
    const shown: Shown[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { name } = node.expression
        const info = methods.includes(name.text) ? service.getQuickInfoAtPosition(fileName, name.getStart()) : undefined
        if (info !== undefined) {
          const line = node.getSourceFile().getLineAndCharacterOfPosition(name.getStart()).line + 1
          const text = ts.displayPartsToString(info.displayParts).replaceAll(/\s+/g, ' ')
          shown.push({ method: name.text, at: `${path.relative(root, fileName)}:${line}`, text })
        }
      }
      ts.forEachChild(node, visit)
    }
    if (source !== undefined) visit(source)
    return shown
  })
}

function textOf({ messageText, relatedInformation = [] }: ts.Diagnostic): string {
  const texts = [messageText, ...relatedInformation.map((related) => related.messageText)]
  return texts.map((text) => ts.flattenDiagnosticMessageText(text, '\n')).join('\n')
}

function hostOf(fileName: string, text: string): ts.LanguageServiceHost {
  const config = path.join(root, 'tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, root)
  const { readDirectory, directoryExists, getDirectories } = ts.sys
  const readFile = (name: string) => (name === fileName ? text : ts.sys.readFile(name))
  const fileExists = (name: string) => name === fileName || ts.sys.fileExists(name)
  return {
    getScriptFileNames: () => [fileName],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const content = readFile(name)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...options, incremental: false }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    ...{ readFile, fileExists, readDirectory, directoryExists, getDirectories },
  }
}
