// Checks the import rules of the architecture in every source file of the workspaces: `npm run imports`.
import { report } from './rules/findings.ts'
import { checkImports } from './rules/import-rules.ts'
import { listFiles, listWorkspaces, readFiles } from './rules/repository.ts'

const files = listFiles()
const sources = readFiles(
  files.filter(
    (file) => /^(packages|drivers|adapters|examples)\/.*\.[jt]s$/.test(file) && !file.includes('/templates/'),
  ),
)
const findings = checkImports(sources, listWorkspaces(files))
process.exitCode = report('import rules', findings, `${sources.length} files`)
