// Finds the page file for the path of a request.
// Invariant: it is a regular file of a known media type, within its folder even after links are resolved, and no part of its path begins
// with a dot.

import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { PageFolder } from './page-folders.ts'

/** A file to serve. */
export interface PageFile {
  /** Its real path. */
  readonly file: string
  /** Its media type. */
  readonly type: string
}

/** Media types by file extension. Files with other extensions are not served: a page's folder may contain its README, too. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** A part of a path: letters, digits, `_`, `-`, `@`, and dots inside. This excludes `..` and names with a special meaning to file systems. */
const partForm = /^[A-Za-z0-9_@-](?:[A-Za-z0-9_@.-]*[A-Za-z0-9_@-])?$/

/** The file for a request's path; `undefined` if no file may be served for it. */
export async function findPage(folders: readonly PageFolder[], requested: string): Promise<PageFile | undefined> {
  for (const { path: servedAt, folder } of folders) {
    const base = servedAt === '/' ? '/' : `${servedAt}/`
    if (!requested.startsWith(base)) continue
    const rest = requested.slice(base.length)
    const parts = (rest === '' || rest.endsWith('/') ? `${rest}index.html` : rest).split('/').map(decoded)
    if (!parts.every((part) => part !== undefined && partForm.test(part))) return undefined
    const file = path.join(folder, ...(parts as string[]))
    const type = mediaTypes[path.extname(file).toLowerCase()]
    if (type === undefined) return undefined
    const found = await realFile(folder, file)
    return found === undefined ? undefined : { file: found, type }
  }
  return undefined
}

async function realFile(folder: string, file: string): Promise<string | undefined> {
  try {
    const [within, found] = await Promise.all([realpath(folder), realpath(file)])
    return found.startsWith(`${within}${path.sep}`) && (await stat(found)).isFile() ? found : undefined
  } catch {
    return undefined
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
