// Serves web pages from the origin of the HTTP API, so that they may call the API. Paths that begin with a service's name or another
// reserved name are left to the API.

import { type FileHandle, open } from 'node:fs/promises'
import type { Answer, Exchange, StreamBody, StreamSink } from '@tidings/http/host'
import { findPage, type PageFile } from './find-page.ts'
import type { PageFolder } from './page-folders.ts'

/**
 * A page may load and call only its own origin, and show images that it made itself (`blob:`). It may not have inline scripts or make
 * scripts from text, and no other page may frame it.
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

/** The words with which the API's own paths may begin, besides the names of services. */
const reserved = ['openapi.json', 'commands', 'queries', 'live']

/** Answers requests for pages. */
export type ServePages = (exchange: Exchange) => Promise<Answer | undefined>

/**
 * Makes a function that answers requests for pages and returns `undefined` for other requests. Returns `undefined` itself if there are no
 * folders.
 */
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
  { headers: requestHeaders, method }: Exchange,
  { type }: PageFile,
  handle: FileHandle,
): Promise<Answer> {
  const { size, mtimeNs } = await handle.stat({ bigint: true })
  const tag = `"${mtimeNs.toString(36)}-${size.toString(36)}"`
  const headers = {
    'content-security-policy': contentSecurityPolicy,
    // Browsers ask again at the next visit, and get a 304 if nothing has changed.
    'cache-control': 'no-cache',
    etag: tag,
  }
  if (hasTag(requestHeaders.get('if-none-match'), tag)) return { status: 304, headers, body: null }
  return {
    status: 200,
    headers: { ...headers, 'content-type': type, 'content-length': String(size) },
    body: method === 'HEAD' || size === 0n ? null : new FileBody(handle, Number(size)),
  }
}

/** The content of a file, which it closes. */
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
    // Reads no more than Content-Length says, even if the file grows. If the caller goes away, reading ends.
    for await (const bytes of this.#handle.createReadStream({ end: this.#size - 1 })) {
      if (this.#cancelled) return
      if (!sink.write(bytes as Uint8Array)) await sink.drained()
    }
  }
}

function hasTag(header: string | null, tag: string): boolean {
  return header?.split(',').some((each) => each.trim().replace(/^W\//, '') === tag) ?? false
}
