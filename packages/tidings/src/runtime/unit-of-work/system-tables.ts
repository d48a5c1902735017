// The runtime's own tables. Its state is kept in the service's store and committed with the work it belongs to.

import type { FieldType } from '../../contracts/index.ts'
import type { Store, TableLayout } from '../../ports/index.ts'
import { allRows, keysUnder } from './pages-of-rows.ts'

/** The names of the runtime's tables in the store. They never change without a migration, so some differ from the words of the code. */
export const systemTables = {
  /** `<subscriber>/<source>` → a checkpoint. */
  checkpoints: 'tidings.progress',
  /** `<subscriber>/<source>/<position>` → a deferred event. */
  deferred: 'tidings.held',
  /** `<subscriber>/<source>/<position of the batch's last event>` → the records of a batch's deliveries. */
  deliveries: 'tidings.deliveries',
  /** `<event type>/<key>` → the entity's version (state transfer). */
  entityVersions: 'tidings.entity-versions',
  /** `<decider>/<stream>` → a state and its version. */
  snapshots: 'tidings.snapshots',
  /** `[command, tenant, principal, idempotency key]` → what the command answered; indexed by when. */
  answers: 'tidings.answers',
  /** idempotency key → what the command answered, as builds before layout 2 kept it. Nothing is added. */
  commands: 'tidings.commands',
  /** read model's subscriber → the generation that serves reads. */
  readModels: 'tidings.read-models',
  /** `<subscriber>/<source>/<position>` → the mark of an event that runs isolated, because the last run crashed. */
  marks: 'tidings.suspects',
  /** `state` → whether the last run ended cleanly; `timers` → the recurring timers that the service declares; `clock` → the time of a clock that jumped. */
  run: 'tidings.run',
  /** `timer/<owner>/<name>/<key>`, `effect/<name>/<id>` → a scheduled item; indexed by its due time. */
  schedule: 'tidings.agenda',
  /** `<queue>/<position>` → an item that has come due and was not handled yet. */
  queues: 'tidings.queues',
  /** queue → the position of its last item. */
  queueHeads: 'tidings.queue-heads',
  /** `<process>/<key>` → an instance of a process manager. */
  processes: 'tidings.processes',
  /** `<process>/<key>/<number>` → one step of an instance's history. */
  processSteps: 'tidings.process-steps',
  /** handler → when it first ran, if its effects depend on it. */
  firstRuns: 'tidings.first-runs',
} as const

/** The runtime's tables of a store that several instances of a service share. */
export const sharedTables = {
  /** instance → its run, and until when it counts as alive. */
  instances: 'tidings.instances',
  /** group of work → the instance that holds it. */
  leases: 'tidings.leases',
  /** `effect/<name>/<id>` → the start of an effect that is being performed, or was when its instance ended. */
  effectStarts: 'tidings.effect-starts',
} as const

/**
 * `event/<name>/<version>`, `fact/…`, `row/…`, `timer/…`, `effect/…` → the shapes of a version under which data may have been stored. It is
 * created when versions are first checked.
 */
export const keptShapesTable = 'tidings.shapes'

/** Indexed fields of the runtime's tables, with the types of their values. */
const indexes: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  [systemTables.answers]: { at: 'number' },
  [systemTables.schedule]: { dueAt: 'number' },
  [systemTables.processes]: { standing: 'text' },
}

// Nobody reads on from a place in the schedule: what is due first is handled or moved, and is gone. What is due in the same millisecond is ordered when it
// is read, and the index of a million timers is a third as large without their keys.
const tiesInAnyOrder: Readonly<Record<string, readonly string[]>> = {
  [systemTables.schedule]: ['dueAt'],
}

function layoutOf(name: string): TableLayout {
  const ties = tiesInAnyOrder[name]
  const columnTypes = indexes[name] ?? {}
  return {
    name,
    indexes: Object.keys(columnTypes),
    columnTypes,
    ...(ties === undefined ? {} : { tiesInAnyOrder: ties }),
  }
}

/** Creates the missing tables of the runtime. */
export async function ensureSystemTables(store: Store): Promise<void> {
  const shared = store.capabilities.writers === 'many' ? Object.values(sharedTables) : []
  for (const name of [...Object.values(systemTables), ...shared]) await store.ensureTable(layoutOf(name))
}

/** A runtime row's document, or `undefined`. */
export async function readDocument<T>(
  store: Store,
  table: string,
  key: string,
): Promise<{ document: T; revision: number } | undefined> {
  const row = await store.get(table, key)
  return row === undefined ? undefined : { document: JSON.parse(row.json) as T, revision: row.revision }
}

/** All documents whose key starts with a prefix that ends in "/", in the order of their keys. */
export async function readDocuments<T>(
  store: Store,
  table: string,
  prefix: string,
): Promise<{ key: string; document: T }[]> {
  const rows = await allRows(store, { table, ...keysUnder(prefix) })
  return rows.map(({ key, json }) => ({ key, document: JSON.parse(json) as T }))
}
