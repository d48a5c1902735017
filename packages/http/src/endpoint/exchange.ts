// One request as an endpoint sees it. Its parts are read lazily, when they are used.

/** What a host knows of a request's connection. */
export interface Connection {
  /** The address of the caller, or of a proxy in front; `undefined` if the host does not know it. */
  readonly address?: string | undefined
  /** The caller's certificate in PEM, verified by the host; `undefined` if there is none. */
  readonly certificate?: string | undefined
}

/** A request, its connection and its parts. */
export class Exchange<C extends Connection = Connection> {
  readonly request: Request
  readonly connection: C
  readonly method: string
  /** The path, decoded, except for encoded characters that would split it differently, such as `/`. */
  readonly path: string
  /** The name of the service that answers it, once it is known. */
  service: string | undefined
  #query: URLSearchParams | undefined

  constructor(request: Request, connection: C) {
    this.request = request
    this.connection = connection
    this.method = request.method
    this.path = pathOf(request.url)
  }

  get headers(): Headers {
    return this.request.headers
  }

  /** The method, with `HEAD` as `GET`. */
  get readMethod(): string {
    return this.method === 'HEAD' ? 'GET' : this.method
  }

  /** A parameter of the query string; the first if it is given several times. */
  query(name: string): string | undefined {
    return this.#params.get(name) ?? undefined
  }

  /** All parameters of the query string; the first of each name. */
  queries(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#params].reverse())
  }

  get #params(): URLSearchParams {
    this.#query ??= new URL(this.request.url).searchParams
    return this.#query
  }
}

/** Decodes a part of a path; text that cannot be decoded stays as it is. */
export function decodePart(part: string): string {
  return part.includes('%') ? decoded(part, decodeURIComponent) : part
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf(':') + 3)
  if (start < 0) return '/'
  const path = url.slice(start, Math.min(endOr(url.indexOf('?', start), url), endOr(url.indexOf('#', start), url)))
  return path.includes('%') ? decoded(path.replaceAll('%25', '%2525'), decodeURI) : path
}

function endOr(index: number, url: string): number {
  return index < 0 ? url.length : index
}

function decoded(text: string, decode: (text: string) => string): string {
  try {
    return decode(text)
  } catch {
    return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
      try {
        return decode(escapes)
      } catch {
        return escapes
      }
    })
  }
}
