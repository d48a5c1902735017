// The import rules of the architecture: data, and one function for each kind of workspace. A package boundary marks other dependencies or
// another platform; a folder boundary inside a package marks another concept. layers.ts says which folder may import which.
import { checkCommandLine } from './command-line-rules.ts'
import type { Finding, SourceText } from './findings.ts'
import { isTest } from './findings.ts'
import { findCycles, type Import, importsOf, packageOf, resolveRelative } from './import-graph.ts'
import { checkLayers } from './layers.ts'
import type { Workspace } from './repository.ts'

const core = 'packages/tidings/src/'

/** The packages that a folder of the core may import: no others are allowed. */
const corePeers: Readonly<Record<string, readonly string[]>> = { opentelemetry: ['@opentelemetry/api'] }

const checkCoreImport = (file: string, { specifier }: Import): string | undefined => {
  const target = resolveRelative(file, specifier)
  if (target === undefined) {
    if (specifier.startsWith('node:')) return `the core runs on every platform and never imports ${specifier}.`
    const [folder = ''] = file.slice(core.length).split('/')
    if (corePeers[folder]?.includes(packageOf(specifier))) return undefined
    return `the core has no dependencies and never imports ${specifier}.`
  }
  if (!target.startsWith(core)) return `${specifier} leaves the core's sources.`
  return checkLayers(file, specifier)
}

/** Entries of `tidings` that a driver's shipped code may import: contracts and ports, but not the runtime. */
const driverEntries = ['tidings', 'tidings/contracts', 'tidings/errors', 'tidings/ports']

/** Packages that run on every web platform, browsers included. */
const webPackages = ['packages/http', 'packages/client']

/** The part of the HTTP API that the client may import: what client and server share. */
const wireEntry = '@tidings/http/wire'
const wireFolder = 'packages/http/src/wire/'

const checkWeb = (file: string, specifier: string, target: string | undefined): string | undefined => {
  if (specifier.startsWith('node:')) return `this package runs on every web platform and never imports ${specifier}.`
  if (file.startsWith('packages/client/') && specifier.startsWith('@tidings/http') && specifier !== wireEntry)
    return `the client imports ${wireEntry} and nothing else of the HTTP API, not ${specifier}.`
  if (file.startsWith(wireFolder) && target !== undefined && !target.startsWith(wireFolder))
    return `wire/ is shared with the client and imports nothing of the server, such as ${specifier}.`
  return undefined
}

const checkBare = (file: string, specifier: string, own: Workspace, all: readonly Workspace[]): string | undefined => {
  // A specifier with a leading slash is an address on a page's own origin.
  if (specifier.startsWith('node:') || specifier.startsWith('/')) return undefined
  const name = packageOf(specifier)
  const { dependencies, peerDependencies, devDependencies } = own.manifest
  const declared = { ...dependencies, ...peerDependencies, ...(isTest(file) ? devDependencies : {}) }
  const target = all.find(({ manifest }) => manifest.name === name)
  if (target !== undefined) {
    const entry = specifier === name ? '.' : `.${specifier.slice(name.length)}`
    if (target.manifest.exports?.[entry] === undefined) return `${specifier} is not a public entry of ${name}.`
    if (own.folder.startsWith('drivers/') && !isTest(file) && !driverEntries.includes(specifier)) {
      return `a driver imports ${driverEntries.join(' and ')} of the framework, not ${specifier}.`
    }
  }
  if (name === own.manifest.name || name in declared || (isTest(file) && repositoryTools.includes(name)))
    return undefined
  return `${name} is not a dependency in ${own.folder}/package.json.`
}

/** Tools that tests may import without declaring them in their own package. */
const repositoryTools = ['vitest', 'fast-check', 'zod', 'typescript', 'tsdown']

/** Services of an example share nothing: one may import only the contract of another. */
const checkService = (file: string, target: string): string | undefined => {
  const [, from] = /^examples\/[^/]+\/(?:src\/)?services\/([^/]+)\//.exec(file) ?? []
  const [, to, inner] = /^examples\/[^/]+\/(?:src\/)?services\/([^/]+)\/(.+)$/.exec(target) ?? []
  if (from === undefined || to === undefined || from === to || inner === 'contract.ts') return undefined
  return `${from} imports only the contract of ${to}, not its ${inner}.`
}

const checkImport = (file: string, found: Import, all: readonly Workspace[]): string | undefined => {
  if (file.startsWith(core) && !isTest(file)) return checkCoreImport(file, found)
  const own = all.find(({ folder }) => file.startsWith(`${folder}/`))
  if (own === undefined) return undefined
  const target = resolveRelative(file, found.specifier)
  if (webPackages.includes(own.folder) && !isTest(file)) {
    const message = checkWeb(file, found.specifier, target)
    if (message !== undefined) return message
  }
  if (target === undefined) return checkBare(file, found.specifier, own, all)
  if (target.startsWith(`${own.folder}/`))
    return isTest(file) ? undefined : (checkService(file, target) ?? checkLayers(file, found.specifier))
  return `${found.specifier} leaves ${own.folder}; other packages are imported by their names.`
}

/** Every import that breaks a rule, and every import cycle in a package's shipped code. */
export const checkImports = (files: readonly SourceText[], workspaces: readonly Workspace[]): readonly Finding[] => {
  const findings: Finding[] = []
  const edges = new Map<string, string[]>()
  const shipped = new Map<string, readonly Import[]>()
  for (const file of files) {
    const imports = importsOf(file)
    for (const found of imports) {
      const message = checkImport(file.path, found, workspaces)
      if (message !== undefined) findings.push({ path: file.path, line: found.line, rule: 'imports', message })
    }
    if (isTest(file.path)) continue
    shipped.set(file.path, imports)
    const targets = imports.map(({ specifier }) => resolveRelative(file.path, specifier))
    edges.set(
      file.path,
      targets.filter((target) => target !== undefined),
    )
  }
  findings.push(...checkCommandLine(shipped, workspaces))
  for (const cycle of findCycles(edges)) {
    const [first = ''] = cycle
    findings.push({ path: first, line: 0, rule: 'cycles', message: `these import each other: ${cycle.join(', ')}.` })
  }
  return findings
}
