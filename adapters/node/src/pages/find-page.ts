// From the path of a request to a file that may be read.
// Invariant: what is found is a regular file of a known media type within its folder, links followed; no part of its path begins
// with a dot.

import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { PageFolder } from './page-folders.ts'

/** A file of a page. */
export interface PageFile {
  /** Its real path. */
  readonly file: string
  /** Its media type. */
  readonly type: string
}

/** The media types of pages by the ends of their files' names. Other files are not seen: a page's folder may hold its README, too. */
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

/** A part of a path: letters, digits, `_`, `-`, `@` and dots within. So neither `..` nor what a file system takes specially is one. */
const partForm = /^[A-Za-z0-9_@-](?:[A-Za-z0-9_@.-]*[A-Za-z0-9_@-])?$/

/** The file that a request's path stands for; `undefined` where there is none to be seen. */
export async function findPage(folders: readonly PageFolder[], requested: string): Promise<PageFile | undefined> {
  for (const { path: seenAt, folder } of folders) {
    const base = seenAt === '/' ? '/' : `${seenAt}/`
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
