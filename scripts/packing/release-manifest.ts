// Makes the published manifest from a workspace's own: exports point to `dist`, versions of other workspaces are exact, and what only the
// repository needs (scripts, devDependencies) is left out.
import type { Manifest, Workspace } from '../rules/repository.ts'

/** The path of a source file after the build: `./src/ports/index.ts` becomes `./dist/ports/index.js`. */
export const builtPath = (source: string, extension: '.js' | '.d.ts'): string =>
  source.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, extension)

const exact = (
  wanted: Readonly<Record<string, string>> | undefined,
  all: readonly Workspace[],
): Record<string, string> | undefined => {
  if (wanted === undefined) return undefined
  const versionOf = (name: string): string | undefined =>
    all.find(({ manifest }) => manifest.name === name)?.manifest.version
  return Object.fromEntries(Object.entries(wanted).map(([name, range]) => [name, versionOf(name) ?? range]))
}

/** The manifest to publish for a workspace; `all` are the workspaces that it may depend on. */
export const releaseManifest = (own: Workspace, all: readonly Workspace[]): Record<string, unknown> => {
  const { scripts: _scripts, devDependencies: _dev, files, ...kept } = own.manifest as Manifest & { scripts?: unknown }
  const exports = Object.fromEntries(
    Object.entries(kept.exports ?? {}).map(([entry, source]) => [
      entry,
      { types: builtPath(source, '.d.ts'), default: builtPath(source, '.js') },
    ]),
  )
  const { dependencies, peerDependencies } = kept
  return {
    ...kept,
    files: ['dist', ...(kept.bin === undefined ? [] : ['bin']), ...(files ?? [])],
    exports: { ...exports, './package.json': './package.json' },
    ...(dependencies === undefined ? {} : { dependencies: exact(dependencies, all) }),
    ...(peerDependencies === undefined ? {} : { peerDependencies: exact(peerDependencies, all) }),
    publishConfig: { access: 'public' },
  }
}
