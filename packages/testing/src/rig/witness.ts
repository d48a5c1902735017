// A service that hears everything and keeps, for each source and key, the ids of what it handled, in the order in which it did. Its handler
// is not idempotent, on purpose: what is handled twice stands twice, what is lost is missing, what is out of order stands so.

import {
  defineQuery,
  defineService,
  defineTable,
  type EventContract,
  type HandlerDeclaration,
  type Schema,
  type Service,
} from 'tidings'

/** What was heard of one key of one source. */
export interface Heard {
  readonly place: string
  readonly ids: readonly string[]
}

const unchecked = <T>(): Schema<T> => ({
  '~standard': { version: 1, vendor: 'tidings', validate: (value) => ({ value: value as T }) },
})

/** The name under which a witness keeps what it heard of a key of a source. */
export function placeOf(source: string, key: string): string {
  return `${source}/${key}`
}

/** A witness's question: what was heard, in pages. */
export function witnessedBy(name: string) {
  return defineQuery('heard', {
    owner: name,
    input: unchecked<{ readonly after?: string; readonly limit: number }>(),
    output: unchecked<readonly Heard[]>(),
  })
}

/** Makes a witness of everything that is published under the contracts. */
export function createWitness(name: string, contracts: readonly EventContract[]): Service {
  const heard = defineTable('heard')
    .version(1, unchecked<Heard>())
    .key((row) => row.place)
  const witness = defineService(name, {
    description: 'Hears everything, and remembers it in order.',
    tables: { heard },
  })
  const handlers = contracts.map((contract): [string, HandlerDeclaration] => [
    `hear${contract.name.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase()).replace(/^./, (letter) => letter.toUpperCase())}`,
    witness.on(contract, {}, async (_, { event, tables }) => {
      const place = placeOf(event.source, event.key)
      const known = await tables.heard.get(place)
      tables.heard.put({ place, ids: [...(known?.ids ?? []), event.id] })
    }),
  ])
  const answer = witness.query(witnessedBy(name), ({ after, limit }, { tables }) =>
    tables.heard.list({ limit, ...(after === undefined ? {} : { after }) }),
  )
  return witness.with({ ...Object.fromEntries(handlers), answer })
}
