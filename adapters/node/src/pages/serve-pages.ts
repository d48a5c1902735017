// Web pages from the doors' own origin, so that a page needs no leave to call them. What a door answers is never a page: paths that
// begin with a service's name, or another reserved one, are left to the doors.

import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { MiddlewareHandler } from 'hono'
import type { Exchange } from '../http/answer.ts'
import { findPage, type PageFile } from './find-page.ts'
import type { PageFolder } from './page-folders.ts'

/**
 * What a page may do: load and call what is of its own origin, and show images it made itself (`blob:`). No script stands in a page,
 * none is made of text, and no other page frames it.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

/** Paths of doors that begin with no service's name. */
const reserved = ['openapi.json', 'commands', 'queries', 'live']

/** Serves pages, and passes on what is none; nothing where there are no folders. */
export function servePages(
  folders: readonly PageFolder[],
  services: Iterable<string>,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  const doors = new Set([...reserved, ...services])
  return async (exchange, next) => {
    const { method, path } = exchange.req
    if (folders.length === 0 || (method !== 'GET' && method !== 'HEAD')) return next()
    const [, first = ''] = path.split('/')
    const page = doors.has(first) ? undefined : await findPage(folders, path)
    const handle = page === undefined ? undefined : await opened(page)
    if (page === undefined || handle === undefined) return next()
    try {
      return await answerPage(exchange, page, handle)
    } finally {
      await handle.close()
    }
  }
}

async function opened({ file }: PageFile): Promise<FileHandle | undefined> {
  try {
    return await open(file)
  } catch {
    return undefined
  }
}

async function answerPage(exchange: Exchange, { type }: PageFile, handle: FileHandle): Promise<Response> {
  const { outgoing } = exchange.env
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  const tag = `"${mtimeNs.toString(36)}-${size.toString(36)}"`
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    // The next visit asks again, and is told that nothing has changed.
    'cache-control': 'no-cache',
    etag: tag,
  }
  if (outgoing.destroyed) return RESPONSE_ALREADY_SENT
  if (knows(exchange.req.header('if-none-match'), tag)) {
    outgoing.writeHead(304, headers).end()
    return RESPONSE_ALREADY_SENT
  }
  outgoing.writeHead(200, { ...headers, 'content-type': type, 'content-length': Number(size) })
  if (exchange.req.method === 'HEAD' || size === 0n) {
    outgoing.end()
    return RESPONSE_ALREADY_SENT
  }
  // Never more than was announced, should the file grow meanwhile. A caller that goes away ends the reading.
  const content = handle.createReadStream({ end: Number(size) - 1, autoClose: false })
  await pipeline(content, outgoing).catch(() => outgoing.destroy())
  return RESPONSE_ALREADY_SENT
}

function knows(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((each) => each.trim().replace(/^W\//, '') === tag) ?? false
}
