// What the command line may import. It uses the driver of the system's configuration, so it imports none itself. It starts without the test
// kit: only `tidings simulate` loads that.
import type { Finding } from './findings.ts'
import { type Import, packageOf, resolveRelative } from './import-graph.ts'
import type { Workspace } from './repository.ts'

const commandLine = 'packages/cli/'
const start = `${commandLine}src/main.ts`
const simulate = `${commandLine}src/simulate/`
const testKit = '@tidings/testing'

/** A file of the command line and what it imports. */
type Imports = ReadonlyMap<string, readonly Import[]>

/** Every file that `main.ts` loads before a command runs. */
const loadedAtStart = (files: Imports): ReadonlySet<string> => {
  const loaded = new Set<string>([start])
  for (const file of loaded) {
    for (const { specifier, kind } of files.get(file) ?? []) {
      const target = kind === 'static' ? resolveRelative(file, specifier) : undefined
      if (target !== undefined) loaded.add(target)
    }
  }
  return loaded
}

/** Every import in the command line's shipped code that names a driver, or the test kit in the wrong place. */
export const checkCommandLine = (shipped: Imports, workspaces: readonly Workspace[]): readonly Finding[] => {
  const drivers = workspaces.filter(({ folder }) => folder.startsWith('drivers/')).map(({ manifest }) => manifest.name)
  const files = new Map([...shipped].filter(([file]) => file.startsWith(commandLine)))
  const loaded = loadedAtStart(files)
  const findings: Finding[] = []
  for (const [path, imports] of files) {
    for (const { specifier, line, kind } of imports) {
      const refuse = (message: string) => findings.push({ path, line, rule: 'imports', message })
      const name = packageOf(specifier)
      if (drivers.includes(name)) refuse(`the command line imports no driver; it uses the one of the configuration.`)
      if (name !== testKit) continue
      if (!path.startsWith(simulate)) refuse(`only ${simulate} imports ${testKit}.`)
      else if (kind === 'static' && loaded.has(path)) {
        refuse(`the command line starts without ${testKit}; load this file with import().`)
      }
    }
  }
  return findings
}
