// Web pages from the HTTP API's own origin, so that a page may call it without being allowed to. What the API answers is never a page:
// paths that begin with a service's name, or another reserved one, are left to the API.

import { type FileHandle, open } from 'node:fs/promises'
import type { Answer, Exchange, StreamBody, StreamSink } from '@tidings/http/host'
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

/** Paths of the HTTP API that begin with no service's name. */
const reserved = ['openapi.json', 'commands', 'queries', 'live']

/** Answers requests for pages. */
export type ServePages = (exchange: Exchange) => Promise<Answer | undefined>

/** Serves pages, and answers nothing for other paths; `undefined` if there are no folders. */
export function servePages(folders: readonly PageFolder[], services: Iterable<string>): ServePages | undefined {
  if (folders.length === 0) return undefined
  const names = new Set([...reserved, ...services])
  return async (exchange) => {
    if (exchange.readMethod !== 'GET') return undefined
    const [, first = ''] = exchange.path.split('/')
    const page = names.has(first) ? undefined : await findPage(folders, exchange.path)
    const handle = page === undefined ? undefined : await opened(page)
    if (page === undefined || handle === undefined) return undefined
    try {
      const answer = await answerPage(exchange, page, handle)
      if (answer.body === null) await handle.close()
      return answer
    } catch (error) {
      await handle.close()
      throw error
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

async function answerPage(
  { headers: asked, method }: Exchange,
  { type }: PageFile,
  handle: FileHandle,
): Promise<Answer> {
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  const tag = `"${mtimeNs.toString(36)}-${size.toString(36)}"`
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    // The next visit asks again, and is told that nothing has changed.
    'cache-control': 'no-cache',
    etag: tag,
  }
  if (knows(asked.get('if-none-match'), tag)) return { status: 304, headers, body: null }
  return {
    status: 200,
    headers: { ...headers, 'content-type': type, 'content-length': String(size) },
    body: method === 'HEAD' || size === 0n ? null : new FileBody(handle, Number(size)),
  }
}

/** The content of a file; closes it. */
class FileBody implements StreamBody {
  readonly #handle: FileHandle
  readonly #size: number
  #cancelled = false
  #started = false

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.#size = size
  }

  start(sink: StreamSink): void {
    this.#started = true
    this.#write(sink).then(
      () => sink.end(),
      () => sink.destroy(),
    )
  }

  cancel(): void {
    this.#cancelled = true
    if (!this.#started) this.#handle.close().catch(() => {})
  }

  async #write(sink: StreamSink): Promise<void> {
    // Never more than was announced, should the file grow meanwhile. A caller that goes away ends the reading.
    for await (const bytes of this.#handle.createReadStream({ end: this.#size - 1 })) {
      if (this.#cancelled) return
      if (!sink.write(bytes as Uint8Array)) await sink.drained()
    }
  }
}

function knows(header: string | null, tag: string): boolean {
  return header?.split(',').some((each) => each.trim().replace(/^W\//, '') === tag) ?? false
}
