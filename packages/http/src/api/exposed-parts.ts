// Which commands, queries and live queries of a service a caller can reach: those with `expose: true`.
// Invariant: for a caller, an internal one is answered exactly as a name that does not exist, except in development.

import { type CommandContract, type ErrorCode, type Service, TidingsError } from 'tidings'
import { type Exposable, howToExpose } from 'tidings/contracts'
import { commandsOf } from 'tidings/operations'

/** A service with its exposed commands, queries and live queries only; what is documented and can be called. */
export interface ExposedParts {
  readonly commands: readonly CommandContract[]
  readonly queries: Service['queries']
  readonly liveQueries: Service['liveQueries']
}

/** The exposed parts of a service. */
export function exposedPartsOf(service: Service): ExposedParts {
  return {
    commands: commandsOf(service).filter(({ exposed }) => exposed),
    queries: service.queries.filter(({ query }) => query.exposed),
    liveQueries: service.liveQueries.filter(({ live }) => live.exposed),
  }
}

type Kind = Exposable['kind']

const words: Readonly<Record<Kind, { readonly word: string; readonly code: ErrorCode }>> = {
  command: { word: 'command', code: 'UNKNOWN_COMMAND' },
  query: { word: 'query', code: 'UNKNOWN_QUERY' },
  'live-query': { word: 'live query', code: 'UNKNOWN_LIVE_QUERY' },
}

/** Checks that a caller may reach a command, query or live query of a service. */
export class Exposure {
  readonly #service: string
  readonly #development: boolean
  readonly #parts: ReadonlyMap<string, Exposable>

  constructor(service: Service, development: boolean) {
    this.#service = service.name
    this.#development = development
    const parts: readonly Exposable[] = [
      ...commandsOf(service),
      ...service.queries.map(({ query }) => query),
      ...service.liveQueries.map(({ live }) => live),
    ]
    this.#parts = new Map(parts.map((part) => [`${part.kind} ${part.name}`, part]))
  }

  /** Throws `UNKNOWN_COMMAND`, `UNKNOWN_QUERY` or `UNKNOWN_LIVE_QUERY` if nothing of that kind and name is exposed. */
  check(kind: Kind, name: string): void {
    const part = this.#parts.get(`${kind} ${name}`)
    if (part?.exposed === true) return
    const { word, code } = words[kind]
    if (part !== undefined && this.#development) {
      const message = `The ${word} ${name} of service ${this.#service} is internal: it has no endpoint.`
      throw new TidingsError(code, message, { hint: howToExpose(part) })
    }
    throw new TidingsError(code, `Service ${this.#service} has no ${word} ${JSON.stringify(name.slice(0, 120))}.`, {
      hint: 'Check the name; /openapi.json lists what can be called.',
    })
  }
}
