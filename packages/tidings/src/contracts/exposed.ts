// Exposure: which commands, queries and live queries have an endpoint that callers outside the system can reach.
// Invariant: what is not declared as exposed is internal.

import { TidingsError } from '../errors/index.ts'

/** A command, query or live query, as far as exposure goes. */
export interface Exposable {
  readonly kind: 'command' | 'query' | 'live-query'
  readonly name: string
  readonly exposed: boolean
}

const definers = { command: 'defineCommand', query: 'defineQuery', 'live-query': 'defineLiveQuery' } as const

/** Whether the option `expose` exposes a contract; throws `INVALID_CONTRACT` if it is not a boolean. */
export function exposedOf(what: string, expose: unknown): boolean {
  if (expose === undefined || expose === false || expose === true) return expose === true
  throw new TidingsError('INVALID_CONTRACT', `${what} sets expose to something else than true or false.`, {
    hint: 'Write `expose: true` to give it an endpoint, or leave it out.',
  })
}

/** The sentence that says how to expose a contract. */
export function howToExpose({ kind, name }: Pick<Exposable, 'kind' | 'name'>): string {
  return `Add \`expose: true\` to ${definers[kind]}('${name}', …) if callers outside the system may use it.`
}
