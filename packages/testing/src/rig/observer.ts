// A service that handles every event and keeps, for each source and key, the ids in the order in which it handled them. Its handler is not
// idempotent on purpose: an event handled twice is in the list twice, a lost one is missing, and the order is the order of handling.

import {
  defineQuery,
  defineService,
  defineTable,
  type EventContract,
  type HandlerDeclaration,
  type Schema,
  type Service,
} from 'tidings'

/** The events handled of one key of one source. */
export interface Heard {
  readonly place: string
  readonly ids: readonly string[]
}

const unchecked = <T>(): Schema<T> => ({
  '~standard': { version: 1, vendor: 'tidings', validate: (value) => ({ value: value as T }) },
})

/** The key under which an observer keeps the events of a source and key. */
export function placeOf(source: string, key: string): string {
  return `${source}/${key}`
}

/** The query for what an observer handled, in pages; `name` is the observer's. */
export function heardBy(name: string) {
  return defineQuery('heard', {
    expose: true,
    owner: name,
    input: unchecked<{ readonly after?: string; readonly limit: number }>(),
    output: unchecked<readonly Heard[]>(),
  })
}

/** Creates an observer of every event of the contracts. */
export function createObserver(name: string, contracts: readonly EventContract[]): Service {
  const heard = defineTable('heard')
    .version(1, unchecked<Heard>())
    .key((row) => row.place)
  const observer = defineService(name, {
    description: 'Handles every event, and keeps their ids in order.',
    tables: { heard },
  })
  const handlers = contracts.map((contract): [string, HandlerDeclaration] => [
    `hear${contract.name.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase()).replace(/^./, (letter) => letter.toUpperCase())}`,
    observer.on(contract, async (_, { event, tables }) => {
      const place = placeOf(event.source, event.key)
      const known = await tables.heard.get(place)
      tables.heard.put({ place, ids: [...(known?.ids ?? []), event.id] })
    }),
  ])
  const answer = observer.query(heardBy(name), ({ after, limit }, { tables }) =>
    tables.heard.list({ limit, ...(after === undefined ? {} : { after }) }),
  )
  return observer.with({ ...Object.fromEntries(handlers), answer })
}
