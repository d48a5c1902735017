// Builds one workspace into a `dist` folder: ES modules and declarations, one file for each source file, so that a stack
// trace and a `new URL('./worker.ts', import.meta.url)` name the same places as in the repository.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'tsdown'
import { isTest } from '../rules/findings.ts'
import { root, type Workspace } from '../rules/repository.ts'

/** Rewrites `new URL('./file.ts', import.meta.url)`: after the build, the file ends in `.js`. */
export const rewriteFileUrls = (code: string): string =>
  code.replaceAll(
    /new URL\((['"`])(\.{1,2}\/[^'"`]+)\.ts\1,\s*import\.meta\.url\)/g,
    'new URL($1$2.js$1, import.meta.url)',
  )

/** Packages that do not depend on Node. */
const neutralPackages = ['packages/tidings', 'packages/http', 'packages/client']

/** Builds the workspace into `outDir`; `files` are the repository's files. */
export const buildPackage = async ({ folder }: Workspace, files: readonly string[], outDir: string): Promise<void> => {
  const sources = files.filter((file) => file.startsWith(`${folder}/src/`) && file.endsWith('.ts') && !isTest(file))
  const entry = Object.fromEntries(
    sources.map((file) => [file.slice(`${folder}/src/`.length).replace(/\.ts$/, ''), path.join(root, file)]),
  )
  await build({
    config: false,
    cwd: path.join(root, folder),
    tsconfig: 'tsconfig.json',
    entry,
    outDir,
    format: 'esm',
    platform: neutralPackages.includes(folder) ? 'neutral' : 'node',
    target: 'node24',
    unbundle: true,
    fixedExtension: false,
    hash: false,
    dts: true,
    clean: true,
    report: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'file-urls',
        load: (id) => (id.endsWith('.ts') && !id.endsWith('.d.ts') ? rewriteFileUrls(readFileSync(id, 'utf8')) : null),
      },
    ],
  })
}
