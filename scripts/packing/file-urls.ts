// Files that a source names by `new URL('./file.ts', import.meta.url)`. In a release the code of that source is in another module, perhaps in another
// folder, so the URL is written anew. Invariant: such a URL leads to the same file of the package before and after the build.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { TsdownPlugin } from 'tsdown'
import type { SourceText } from '../rules/findings.ts'
import { builtPath } from './release-manifest.ts'

const fileUrl = /new URL\((['"`])(\.{1,2}\/[^'"`]+)\1,\s*import\.meta\.url\)/g
const packageUrl = /new URL\((['"`])package:([^'"`]+)\1,\s*import\.meta\.url\)/g

/** The sources that a text names by URL, as paths from the root of the repository: the beginnings of processes and threads. */
export const startedFiles = ({ path: file, text }: SourceText): readonly string[] =>
  [...text.matchAll(fileUrl)]
    .map(([, , name = '']) => path.posix.join(path.posix.dirname(file), name))
    .filter((name) => name.endsWith('.ts'))

/** Writes URLs in a source, a path within its package, as `package:` and the path that the named file has in the release. */
export const urlsFromPackage = (code: string, source: string): string =>
  code.replaceAll(fileUrl, (_, quote: string, name: string) => {
    const named = `./${path.posix.join(path.posix.dirname(source), name)}`
    return `new URL(${quote}package:${builtPath(named, '.js')}${quote}, import.meta.url)`
  })

/** Writes these URLs from the built module, a path within the package, that they are in. */
export const urlsFromModule = (code: string, module: string): string =>
  code.replaceAll(packageUrl, (_, quote: string, name: string) => {
    const near = path.posix.relative(path.posix.dirname(module), path.posix.normalize(name))
    return `new URL(${quote}${near.startsWith('.') ? near : `./${near}`}${quote}, import.meta.url)`
  })

/** Does both while the package in `folder` is built. */
export const fileUrls = (folder: string): TsdownPlugin => ({
  name: 'file-urls',
  load: (id) => {
    if (!id.endsWith('.ts') || id.endsWith('.d.ts') || !id.startsWith(folder)) return null
    return urlsFromPackage(readFileSync(id, 'utf8'), path.relative(folder, id).replaceAll(path.sep, '/'))
  },
  renderChunk: (code, { fileName }) => urlsFromModule(code, path.posix.join('dist', fileName)),
})
