// Builds one workspace into a `dist` folder: a declaration for each source file, and the code in a few modules, because a process that starts
// spends most of its time on reading many small ones. Source maps name the places of the repository. Invariant: each source file is in one module.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, type InlineConfig } from 'tsdown'
import { isTest } from '../rules/findings.ts'
import { readFiles, root, type Workspace } from '../rules/repository.ts'
import { fileUrls, startedFiles } from './file-urls.ts'

/** Packages that do not depend on Node. */
const neutralPackages = ['packages/tidings', 'packages/http', 'packages/client']

/** Builds the workspace into `outDir`; `files` are the repository's files. */
export const buildPackage = async (own: Workspace, files: readonly string[], outDir: string): Promise<void> => {
  const { folder } = own
  const sources = files.filter((file) => file.startsWith(`${folder}/src/`) && file.endsWith('.ts') && !isTest(file))
  const shared: InlineConfig = {
    config: false,
    cwd: path.join(root, folder),
    tsconfig: 'tsconfig.json',
    outDir,
    format: 'esm',
    platform: neutralPackages.includes(folder) ? 'neutral' : 'node',
    target: 'node24',
    fixedExtension: false,
    hash: false,
    report: false,
    logLevel: 'warn',
    checks: { pluginTimings: false },
  }
  await build({ ...shared, entry: named(folder, sources), unbundle: true, clean: true, dts: { emitDtsOnly: true } })
  await build({
    ...shared,
    entry: named(folder, entriesOf(own, files, sources)),
    clean: false,
    dts: false,
    sourcemap: true,
    outputOptions: { chunkFileNames: 'shared/[name].js', keepNames: true },
    plugins: [fileUrls(path.join(root, folder))],
  })
  for (const name of globSync('**/*.js.map', { cwd: outDir })) {
    const file = path.join(outDir, name)
    writeFileSync(file, mapInPackage(readFileSync(file, 'utf8'), name.replaceAll(path.sep, '/')))
  }
}

/** A source map of `dist` that names the sources as if they were in the package, so that it says nothing of where the package was built. */
export const mapInPackage = (text: string, name: string): string => {
  const map = JSON.parse(text)
  const folder = path.posix.join('dist', path.posix.dirname(name))
  const near = (source: string) => path.posix.relative(folder, source.slice(source.lastIndexOf('/src/') + 1))
  return JSON.stringify({ ...map, sources: map.sources.map(near) })
}

/** The sources at which something begins: what the package exports, and files that a process or a thread starts with. */
const entriesOf = ({ folder, manifest }: Workspace, files: readonly string[], sources: readonly string[]): string[] => {
  const launchers = files.filter((file) => file.startsWith(`${folder}/bin/`))
  const exported = Object.values(manifest.exports ?? {}).map((source) => path.posix.join(folder, source))
  return [...new Set([...exported, ...readFiles([...sources, ...launchers]).flatMap(startedFiles)])]
}

const named = (folder: string, sources: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    sources.map((file) => [file.slice(`${folder}/src/`.length).replace(/\.ts$/, ''), path.join(root, file)]),
  )
