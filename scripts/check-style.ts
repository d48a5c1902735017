// Checks the house style of everything that git tracks: `npm run style`. The rules are in rules/.
import path from 'node:path'
import ts from 'typescript'
import { checkCode } from './rules/code-rules.ts'
import { checkDeterminism } from './rules/determinism-rules.ts'
import { checkDocstrings } from './rules/docstring-rules.ts'
import { checkFiles, fileLines, longFiles } from './rules/file-rules.ts'
import { report } from './rules/findings.ts'
import { portImplementations } from './rules/port-implementations.ts'
import { checkPromises } from './rules/promise-rules.ts'
import { listFiles, listWorkspaces, readFiles, root } from './rules/repository.ts'
import { checkModule, createProgramWith } from './rules/snippet-program.ts'
import { checkExcerpts, snippetsOf } from './rules/snippet-rules.ts'

const files = listFiles()
const texts = readFiles(files.filter((file) => !/\.(png|jpg|ico|woff2?|db|gz)$/.test(file)))

const config = ts.getParsedCommandLineOfConfigFile(path.join(root, 'tsconfig.json'), undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
  },
})
if (config === undefined) throw new Error('tsconfig.json cannot be read.')

const snippets = texts
  .filter(({ path: file }) => file.endsWith('.md') && !/^(docs\/decisions|\.changeset)\/|CHANGELOG\.md$/.test(file))
  .flatMap(snippetsOf)
const modules = new Map(
  snippets
    .filter(({ from }) => from === undefined)
    .map((snippet) => [path.join(root, `${snippet.path.replaceAll('/', '-')}-line-${snippet.line}.ts`), snippet]),
)
const program = createProgramWith(config, new Map([...modules].map(([file, { code }]) => [file, code])))
const relative = (file: string): string => path.relative(root, file).split(path.sep).join('/')

const entries = listWorkspaces(files)
  .filter(({ manifest }) => manifest.private !== true)
  .flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports ?? {}).map((entry) =>
      path.posix.join(root.split(path.sep).join('/'), folder, entry),
    ),
  )

const findings = [
  ...checkFiles(texts),
  ...checkCode(texts),
  ...checkDeterminism(texts, portImplementations),
  ...checkDocstrings(program, entries, relative),
  ...checkPromises(program, config.fileNames, relative),
  ...checkExcerpts(snippets, (file) => texts.find((text) => text.path === file)?.text),
  ...[...modules].flatMap(([file, snippet]) => checkModule(program, file, snippet)),
]

const long = longFiles(texts)
if (long.length > 0) {
  console.log(`Files of more than ${fileLines.mentionOver} lines (the limit is ${fileLines.max}):`)
  for (const { path: file, lines } of long) console.log(`  ${String(lines).padStart(4)} ${file}`)
}
process.exitCode = report('style', findings, `${texts.length} files and ${entries.length} public entries`)
