// One request as an endpoint sees it: what is read of it is worked out when it is asked for.

/** What a host knows of the connection that a request has come over. */
export interface Connection {
  /** The address of the caller, or of the proxy in front; `undefined` where the host does not know. */
  readonly address?: string | undefined
  /** The certificate in PEM that the caller has shown and the host has verified; `undefined` where there is none. */
  readonly certificate?: string | undefined
}

/** A request, the connection it came over, and its parts. */
export class Exchange<C extends Connection = Connection> {
  readonly request: Request
  readonly connection: C
  readonly method: string
  /** The path, its percent signs decoded save where that would change its parts. */
  readonly path: string
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

  /** The method, `HEAD` counted as the `GET` it is. */
  get readMethod(): string {
    return this.method === 'HEAD' ? 'GET' : this.method
  }

  /** A parameter of the query string; the first where there are several. */
  query(name: string): string | undefined {
    return this.#params.get(name) ?? undefined
  }

  /** All parameters of the query string. */
  queries(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#params].reverse())
  }

  get #params(): URLSearchParams {
    this.#query ??= new URL(this.request.url).searchParams
    return this.#query
  }
}

/** A part of a path, decoded; what cannot be decoded stays as it is. */
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
